-- AlterTable
ALTER TABLE "audit_events" ADD COLUMN     "plan_change_id" UUID;

-- CreateTable
CREATE TABLE "plan_changes" (
    "id" UUID NOT NULL,
    "customer_id" TEXT NOT NULL,
    "channel" TEXT NOT NULL,
    "route" TEXT NOT NULL,
    "facilitator_key" TEXT,
    "stage" TEXT NOT NULL,
    "plan_id" TEXT,
    "effective_on" DATE,
    "opened_at" TIMESTAMPTZ(3) NOT NULL,
    "opened_by" UUID NOT NULL,
    "waiting_since" TIMESTAMPTZ(3) NOT NULL,
    "claimed_by" TEXT,
    "claim_until" TIMESTAMPTZ(3),
    "held_for" TEXT,
    "ended_at" TIMESTAMPTZ(3),
    "ended_for" TEXT,

    CONSTRAINT "plan_changes_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "aor_decisions" (
    "plan_change_id" UUID NOT NULL,
    "customer_id" TEXT NOT NULL,
    "decided_at" TIMESTAMPTZ(3) NOT NULL,
    "outcome" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "agent_key" TEXT,
    "previous_agent_key" TEXT,
    "effective_on" DATE NOT NULL,
    "rule_version" INTEGER NOT NULL,
    "evidence" JSONB NOT NULL,
    "completed_by" TEXT,
    "api_key_id" UUID NOT NULL,

    CONSTRAINT "aor_decisions_pkey" PRIMARY KEY ("plan_change_id")
);

-- CreateTable
CREATE TABLE "commission_facts" (
    "plan_change_id" UUID NOT NULL,
    "customer_id" TEXT NOT NULL,
    "agent_key" TEXT NOT NULL,
    "continues" BOOLEAN NOT NULL,
    "effective_on" DATE NOT NULL,

    CONSTRAINT "commission_facts_pkey" PRIMARY KEY ("plan_change_id")
);

-- CreateIndex
CREATE INDEX "audit_events_plan_change_id_at_idx" ON "audit_events"("plan_change_id", "at");

-- CreateIndex
CREATE INDEX "plan_changes_waiting_since_id_idx" ON "plan_changes"("waiting_since", "id");

-- CreateIndex
CREATE INDEX "plan_changes_customer_id_opened_at_idx" ON "plan_changes"("customer_id", "opened_at");

-- CreateIndex
CREATE INDEX "aor_decisions_customer_id_effective_on_idx" ON "aor_decisions"("customer_id", "effective_on");

-- CreateIndex
CREATE INDEX "aor_decisions_decided_at_plan_change_id_idx" ON "aor_decisions"("decided_at", "plan_change_id");

-- CreateIndex
CREATE INDEX "commission_facts_agent_key_effective_on_idx" ON "commission_facts"("agent_key", "effective_on");

-- AddForeignKey
ALTER TABLE "plan_changes" ADD CONSTRAINT "plan_changes_customer_id_fkey" FOREIGN KEY ("customer_id") REFERENCES "customers"("customer_id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "aor_decisions" ADD CONSTRAINT "aor_decisions_plan_change_id_fkey" FOREIGN KEY ("plan_change_id") REFERENCES "plan_changes"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "aor_decisions" ADD CONSTRAINT "aor_decisions_customer_id_fkey" FOREIGN KEY ("customer_id") REFERENCES "customers"("customer_id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "commission_facts" ADD CONSTRAINT "commission_facts_plan_change_id_fkey" FOREIGN KEY ("plan_change_id") REFERENCES "aor_decisions"("plan_change_id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- From here on: what a Prisma schema cannot say.

-- One change at a time may be open for a customer (spec.md 7), however many ask at once.
CREATE UNIQUE INDEX "plan_changes_open_key" ON "plan_changes"("customer_id") WHERE "ended_at" IS NULL;
-- The unit's queue, in its order.
CREATE INDEX "plan_changes_queue_idx" ON "plan_changes"("waiting_since", "id") WHERE "stage" IN ('queued', 'claimed');

-- Words of the code's string unions; a new one comes with a migration.
ALTER TABLE "plan_changes" ADD CONSTRAINT "plan_changes_channel_check"
  CHECK ("channel" IN ('plan-change-line', 'customer-service', 'field-agent', 'telesales-agent', 'own-agent-application',
                       'external-agent-application', 'external-call-center'));
ALTER TABLE "plan_changes" ADD CONSTRAINT "plan_changes_route_check"
  CHECK ("route" IN ('unit', 'internal-agent', 'own-agent', 'external-agent', 'call-center'));
ALTER TABLE "plan_changes" ADD CONSTRAINT "plan_changes_stage_check"
  CHECK ("stage" IN ('queued', 'claimed', 'with-facilitator', 'held', 'completed', 'withdrawn', 'abandoned'));
ALTER TABLE "plan_changes" ADD CONSTRAINT "plan_changes_held_for_check"
  CHECK ("held_for" IN ('terminated', 'not-licensed', 'not-appointed', 'not-certified'));
ALTER TABLE "aor_decisions" ADD CONSTRAINT "aor_decisions_outcome_check"
  CHECK (("outcome", "reason") IN (
    ('retained', 'unit-completed'), ('retained', 'internal-agent-completed'), ('retained', 'own-agent-applied'),
    ('transferred', 'external-agent-facilitated'), ('transferred', 'call-center-facilitated'),
    ('ended', 'agent-terminated'), ('ended', 'agent-not-licensed'), ('ended', 'agent-not-appointed'), ('ended', 'agent-not-certified'),
    ('none', 'no-agent-of-record')));

-- What goes with what.
ALTER TABLE "plan_changes" ADD CONSTRAINT "plan_changes_claimed_check"
  CHECK (("stage" = 'claimed') = ("claim_until" IS NOT NULL) AND ("stage" <> 'claimed' OR "claimed_by" IS NOT NULL));
ALTER TABLE "plan_changes" ADD CONSTRAINT "plan_changes_queued_check"
  CHECK ("stage" NOT IN ('queued', 'claimed') OR "route" = 'unit');
ALTER TABLE "plan_changes" ADD CONSTRAINT "plan_changes_held_check" CHECK (("stage" = 'held') = ("held_for" IS NOT NULL));
ALTER TABLE "plan_changes" ADD CONSTRAINT "plan_changes_ended_check"
  CHECK (("stage" IN ('completed', 'withdrawn', 'abandoned')) = ("ended_at" IS NOT NULL));
ALTER TABLE "aor_decisions" ADD CONSTRAINT "aor_decisions_agent_check"
  CHECK (CASE "outcome"
    WHEN 'retained' THEN "agent_key" IS NOT NULL AND "agent_key" IS NOT DISTINCT FROM "previous_agent_key"
    WHEN 'transferred' THEN "agent_key" IS NOT NULL AND "agent_key" IS DISTINCT FROM "previous_agent_key"
    WHEN 'ended' THEN "agent_key" IS NULL AND "previous_agent_key" IS NOT NULL
    ELSE "agent_key" IS NULL AND "previous_agent_key" IS NULL END);

-- What was decided stays as it was decided.
CREATE TRIGGER "aor_decisions_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "aor_decisions"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_history_change"();
CREATE TRIGGER "commission_facts_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "commission_facts"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_history_change"();
-- What has ended does not begin again.
CREATE TRIGGER "plan_changes_ended_for_good" BEFORE UPDATE ON "plan_changes"
  FOR EACH ROW WHEN (OLD.ended_at IS NOT NULL) EXECUTE FUNCTION "refuse_history_change"();

ALTER TABLE "mail_deliveries" DROP CONSTRAINT "mail_deliveries_kind_check";
ALTER TABLE "mail_deliveries" ADD CONSTRAINT "mail_deliveries_kind_check"
  CHECK ("kind" IN ('pin', 'password-changed', 'username-reminded', 'access-invitation', 'password-reminder',
                    'plan-change-completed', 'agent-of-record-kept', 'agent-of-record-gained', 'agent-of-record-lost',
                    'plan-change-waiting', 'plan-change-overdue'));
-- Who has no account: who is invited, customers, agents, the unit's lead.
ALTER TABLE "mail_deliveries" DROP CONSTRAINT "mail_deliveries_account_id_check";
ALTER TABLE "mail_deliveries" ADD CONSTRAINT "mail_deliveries_account_id_check"
  CHECK (("account_id" IS NULL) = ("kind" = 'access-invitation' OR "kind" LIKE 'plan-change-%' OR "kind" LIKE 'agent-of-record-%'));
