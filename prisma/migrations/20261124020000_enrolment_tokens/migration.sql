-- CreateTable
CREATE TABLE "enrolment_tokens" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "token_hash" TEXT NOT NULL,
    "description" TEXT,
    "group" TEXT,
    "max_uses" INTEGER NOT NULL,
    "uses" INTEGER NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_by" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "last_used_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),
    "revoked_by" TEXT,

    CONSTRAINT "enrolment_tokens_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "enrolment_tokens_token_hash_key" ON "enrolment_tokens"("token_hash");

-- Beyond the schema language of Prisma: a token is never used more often than it allows.

ALTER TABLE "enrolment_tokens"
  ADD CONSTRAINT "enrolment_tokens_uses_check" CHECK ("max_uses" > 0 AND "uses" BETWEEN 0 AND "max_uses"),
  ADD CONSTRAINT "enrolment_tokens_revoked_check" CHECK (("revoked_at" IS NULL) = ("revoked_by" IS NULL));
