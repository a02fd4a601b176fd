-- Digits are compared as numbers, so that version 2.10 comes after 2.9. Texts that are equal so are told apart by their bytes:
-- each has one place. No index has this order, so another version of ICU changes nothing that is stored.
CREATE COLLATION "natural_order" (provider = icu, locale = 'und-u-kn-true', deterministic = true);

UPDATE "schema_compatibility" SET "version" = 10, "changed_at" = CURRENT_TIMESTAMP;
