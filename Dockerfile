# One image for every process of the system; docker-compose.yml says which one a container runs.
# Plain syntax on purpose: the classic builder builds it as BuildKit does.

# The manifests alone, so that the layers with the dependencies are built again only when one of them changes.
FROM node:24-bookworm-slim AS manifests
WORKDIR /source
COPY . .
RUN mkdir /manifests \
 && cp --parents package.json package-lock.json .npmrc prisma/package.json packages/*/package.json /manifests/

FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY --from=manifests /manifests ./
RUN npm ci
COPY . .
RUN npm run generate && node scripts/build.mjs \
    packages/server packages/listener packages/scheduler packages/device-agent
# What runs: compiled code, manifests, migrations. Neither sources nor tests nor declarations.
RUN mkdir /runtime \
 && cp --parents package.json prisma/package.json packages/*/package.json scripts/demo-screens.mjs /runtime/ \
 && cp -r --parents prisma/dist prisma/migrations prisma/schema.prisma packages/*/dist /runtime/ \
 && find /runtime \( -name '*.d.ts' -o -name '*.d.ts.map' -o -name '.tsbuildinfo' \) -delete

# `--omit=dev` alone leaves Prisma's command line and its studio, which are optional peers, in the image.
# Nothing that runs comes as an optional package. Of Prisma's query compilers only PostgreSQL's is loaded.
FROM node:24-bookworm-slim AS dependencies
WORKDIR /app
COPY --from=manifests /manifests ./
RUN npm ci --omit=dev --omit=optional \
      -w @infoscreen/server -w @infoscreen/listener -w @infoscreen/scheduler -w @infoscreen/device-agent \
 && npm cache clean --force \
 && cd node_modules/@prisma/client/runtime \
 && rm -f ./*cockroachdb* ./*mysql* ./*sqlite* ./*sqlserver* ./*small_bg* ./*.map

FROM node:24-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
# Volumes take over owner and mode of the folder that they cover.
RUN install -d -o node -g node -m 0700 /var/lib/infoscreen-demo
# Dependencies lie in the root's node_modules, and in a package's own where two versions are needed.
COPY --from=dependencies /app ./
COPY --from=build /runtime ./
USER node
CMD ["node", "packages/server/dist/main.js"]
