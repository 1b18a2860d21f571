-- AlterTable
ALTER TABLE "accounts" ADD COLUMN     "closed_at" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "credentials" ADD COLUMN     "portal" TEXT,
ADD COLUMN     "reminded_at" TIMESTAMPTZ(3),
ADD COLUMN     "rotation_started_at" TIMESTAMPTZ(3);

-- From here on: what a Prisma schema cannot say.

-- Every credential has its account's portal, so that an index can leave out portals whose passwords do not end. Whoever writes a
-- credential need not know; processes of the release before this one do not.
UPDATE "credentials" SET "portal" = "accounts"."portal" FROM "accounts" WHERE "accounts"."id" = "credentials"."account_id";
ALTER TABLE "credentials" ADD CONSTRAINT "credentials_portal_check" CHECK ("portal" IS NOT NULL);

CREATE FUNCTION "copy_portal_to_credential"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.portal := (SELECT portal FROM accounts WHERE id = NEW.account_id);
  RETURN NEW;
END
$$;
CREATE TRIGGER "credentials_portal" BEFORE INSERT ON "credentials"
  FOR EACH ROW WHEN (NEW.portal IS NULL) EXECUTE FUNCTION "copy_portal_to_credential"();

-- Current passwords by their end, apart from one another: those without a run, of which a sweep reads what is due and nothing else,
-- and those with one. A list reads both.
CREATE INDEX "credentials_without_rotation_idx" ON "credentials"("portal", "set_at", "id")
  WHERE "retired_at" IS NULL AND "rotation_started_at" IS NULL;
CREATE INDEX "credentials_in_rotation_idx" ON "credentials"("portal", "set_at", "id")
  WHERE "retired_at" IS NULL AND "rotation_started_at" IS NOT NULL;

-- Words of the code's string unions; a new one comes with a migration.
ALTER TABLE "mail_deliveries" DROP CONSTRAINT "mail_deliveries_kind_check";
ALTER TABLE "mail_deliveries" ADD CONSTRAINT "mail_deliveries_kind_check"
  CHECK ("kind" IN ('pin', 'password-changed', 'username-reminded', 'access-invitation', 'password-reminder'));
