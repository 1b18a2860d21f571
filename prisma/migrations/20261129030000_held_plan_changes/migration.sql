-- AlterTable
ALTER TABLE "plan_changes" ADD COLUMN "held_at" TIMESTAMPTZ(3);

-- From here on: what a Prisma schema cannot say.

-- Since when what is held now is held: the compliance case in the audit log says it.
UPDATE "plan_changes" c SET "held_at" = coalesce(
  (SELECT max(e."at") FROM "audit_events" e WHERE e."plan_change_id" = c."id" AND e."action" = 'plan-change-held'), c."waiting_since")
WHERE c."stage" = 'held';

-- How many decisions of the last weeks moved an agent of record: read for alerts.
CREATE INDEX "aor_decisions_transferred_idx" ON "aor_decisions"("decided_at") WHERE "outcome" = 'transferred';

ALTER TABLE "mail_deliveries" DROP CONSTRAINT "mail_deliveries_kind_check";
ALTER TABLE "mail_deliveries" ADD CONSTRAINT "mail_deliveries_kind_check"
  CHECK ("kind" IN ('pin', 'password-changed', 'username-reminded', 'access-invitation', 'password-reminder',
                    'plan-change-completed', 'agent-of-record-kept', 'agent-of-record-gained', 'agent-of-record-lost',
                    'plan-change-waiting', 'plan-change-overdue', 'plan-change-held', 'plan-change-still-held'));
