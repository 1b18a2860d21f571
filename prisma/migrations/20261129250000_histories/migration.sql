-- What is known of a customer: each time something new is known, a whole new version of the customer's history, and nothing of the
-- older ones changes. Today's history of each customer is carried over as the version of the roster, and one for each completed change.

ALTER TABLE "enrolments" RENAME TO "enrolments_before";
ALTER TABLE "agents_of_record" RENAME TO "agents_of_record_before";

-- CreateTable
CREATE TABLE "customer_histories" (
    "customer_id" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "known_from" TIMESTAMPTZ(3) NOT NULL,
    "previous_version" INTEGER GENERATED ALWAYS AS (nullif("version" - 1, 0)) STORED,
    "previous_known_from" TIMESTAMPTZ(3),
    "cause" TEXT NOT NULL,
    "plan_change_id" UUID,
    "correction_id" UUID,
    "enrolled_from" DATE,
    "last_day" DATE,
    "decided_change_id" UUID GENERATED ALWAYS AS (CASE WHEN "cause" IN ('plan-change', 'redetermination') THEN "plan_change_id" END) STORED,
    "no_end" DATE GENERATED ALWAYS AS ('infinity'::date) STORED
);

-- CreateTable
CREATE TABLE "enrolments" (
    "customer_id" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "valid_from" DATE NOT NULL,
    "valid_to" DATE NOT NULL DEFAULT 'infinity'::date,
    "previous_to" DATE,
    "plan_id" TEXT
);

-- CreateTable
CREATE TABLE "agents_of_record" (
    "customer_id" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "valid_from" DATE NOT NULL,
    "valid_to" DATE NOT NULL DEFAULT 'infinity'::date,
    "previous_to" DATE,
    "agent_key" TEXT
);

-- CreateTable
CREATE TABLE "aor_corrections" (
    "id" UUID NOT NULL,
    "plan_change_id" UUID NOT NULL,
    "customer_id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "reason" TEXT,
    "note" TEXT,
    "api_key_id" UUID NOT NULL,
    "staff_key" TEXT,
    "requested_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "aor_corrections_pkey" PRIMARY KEY ("id")
);

-- Before the keys are there, which then look at all rows at once.
-- A customer's versions: `until` is the effective date of the change that makes the next one.
CREATE TEMPORARY TABLE "carried" AS
  WITH steps AS (
    SELECT customer_id, 1 AS version, (array_agg(created_at ORDER BY valid_from))[1] AS at, min(valid_from) AS first_day, NULL::uuid AS plan_change_id, NULL::date AS effective_on
    FROM (
      SELECT customer_id, created_at, valid_from FROM "enrolments_before"
      UNION ALL SELECT customer_id, created_at, valid_from FROM "agents_of_record_before"
    ) AS periods GROUP BY customer_id
    UNION ALL
    SELECT customer_id, 1 + row_number() OVER (PARTITION BY customer_id ORDER BY effective_on, decided_at, plan_change_id)::int,
           decided_at, NULL, plan_change_id, effective_on
    FROM "aor_decisions"
  )
  SELECT customer_id, version, plan_change_id,
         -- Each at least a millisecond after the one before.
         max(at - version * interval '1 millisecond') OVER w + version * interval '1 millisecond' AS known_from,
         min(first_day) OVER (PARTITION BY customer_id) AS first_day, lead(effective_on) OVER w AS until
  FROM steps WINDOW w AS (PARTITION BY customer_id ORDER BY version);
ANALYZE "carried";

INSERT INTO "customer_histories" (customer_id, version, known_from, previous_known_from, cause, plan_change_id)
  SELECT customer_id, version, known_from, lag(known_from) OVER (PARTITION BY customer_id ORDER BY version),
         CASE version WHEN 1 THEN 'roster' ELSE 'plan-change' END, plan_change_id
  FROM "carried";

-- A version has what had begun before the next change, and its last period goes on. No plan or no agent is a period without one.
WITH begins AS (
  SELECT customer_id, valid_from AS day, plan_id FROM "enrolments_before"
  UNION ALL
  SELECT customer_id, valid_to + 1, NULL FROM "enrolments_before" e
  WHERE valid_to IS NOT NULL
    AND NOT EXISTS (SELECT FROM "enrolments_before" n WHERE (n.customer_id, n.valid_from) = (e.customer_id, e.valid_to + 1))
  UNION ALL
  SELECT customer_id, first_day, NULL FROM "carried" c
  WHERE version = 1 AND NOT EXISTS (SELECT FROM "enrolments_before" n WHERE (n.customer_id, n.valid_from) = (c.customer_id, c.first_day))
)
INSERT INTO "enrolments" (customer_id, version, valid_from, valid_to, previous_to, plan_id)
  SELECT customer_id, version, day, coalesce(lead(day) OVER w - 1, 'infinity'), CASE WHEN lag(day) OVER w IS NOT NULL THEN day - 1 END, plan_id
  FROM begins JOIN "carried" USING (customer_id) WHERE until IS NULL OR day < until OR day = first_day
  WINDOW w AS (PARTITION BY customer_id, version ORDER BY day);

WITH begins AS (
  SELECT customer_id, valid_from AS day, agent_key FROM "agents_of_record_before"
  UNION ALL
  SELECT customer_id, valid_to + 1, NULL FROM "agents_of_record_before" a
  WHERE valid_to IS NOT NULL
    AND NOT EXISTS (SELECT FROM "agents_of_record_before" n WHERE (n.customer_id, n.valid_from) = (a.customer_id, a.valid_to + 1))
  UNION ALL
  SELECT customer_id, first_day, NULL FROM "carried" c
  WHERE version = 1 AND NOT EXISTS (SELECT FROM "agents_of_record_before" n WHERE (n.customer_id, n.valid_from) = (c.customer_id, c.first_day))
)
INSERT INTO "agents_of_record" (customer_id, version, valid_from, valid_to, previous_to, agent_key)
  SELECT customer_id, version, day, coalesce(lead(day) OVER w - 1, 'infinity'), CASE WHEN lag(day) OVER w IS NOT NULL THEN day - 1 END, agent_key
  FROM begins JOIN "carried" USING (customer_id) WHERE until IS NULL OR day < until OR day = first_day
  WINDOW w AS (PARTITION BY customer_id, version ORDER BY day);

-- The decision about a change, and its effect on the commission, in each version that made one.
DROP TRIGGER "aor_decisions_append_only" ON "aor_decisions";
DROP TRIGGER "commission_facts_append_only" ON "commission_facts";
ALTER TABLE "aor_decisions" ADD COLUMN "version" INTEGER;
ALTER TABLE "commission_facts" ADD COLUMN "version" INTEGER;
UPDATE "aor_decisions" d SET version = c.version FROM "carried" c WHERE c.plan_change_id = d.plan_change_id;
UPDATE "commission_facts" f SET version = c.version FROM "carried" c WHERE c.plan_change_id = f.plan_change_id;

DROP TABLE "carried";
DROP TABLE "enrolments_before";
DROP TABLE "agents_of_record_before";
DROP FUNCTION "follow_last_period"();

-- AlterTable
ALTER TABLE "commission_facts" DROP CONSTRAINT "commission_facts_plan_change_id_fkey";
ALTER TABLE "commission_facts" DROP CONSTRAINT "commission_facts_pkey";
ALTER TABLE "aor_decisions" DROP CONSTRAINT "aor_decisions_pkey";
ALTER TABLE "aor_decisions" DROP CONSTRAINT "aor_decisions_customer_id_fkey";
ALTER TABLE "aor_decisions" ALTER COLUMN "version" SET NOT NULL, ADD CONSTRAINT "aor_decisions_pkey" PRIMARY KEY ("plan_change_id", "version");
ALTER TABLE "commission_facts" ALTER COLUMN "version" SET NOT NULL, ADD CONSTRAINT "commission_facts_pkey" PRIMARY KEY ("plan_change_id", "version");
ALTER TABLE "customer_histories" ADD CONSTRAINT "customer_histories_pkey" PRIMARY KEY ("customer_id", "version");
ALTER TABLE "enrolments" ADD CONSTRAINT "enrolments_pkey" PRIMARY KEY ("customer_id", "version", "valid_to");
ALTER TABLE "agents_of_record" ADD CONSTRAINT "agents_of_record_pkey" PRIMARY KEY ("customer_id", "version", "valid_to");

-- CreateIndex
CREATE UNIQUE INDEX "customer_histories_correction_id_key" ON "customer_histories"("correction_id");

-- CreateIndex
CREATE UNIQUE INDEX "customer_histories_customer_id_version_known_from_key" ON "customer_histories"("customer_id", "version", "known_from");

-- CreateIndex
CREATE INDEX "agents_of_record_agent_key_valid_from_customer_id_version_idx" ON "agents_of_record"("agent_key", "valid_from", "customer_id", "version");

-- DropIndex
DROP INDEX "aor_decisions_decided_at_plan_change_id_idx";

-- CreateIndex
CREATE INDEX "aor_decisions_decided_at_plan_change_id_version_idx" ON "aor_decisions"("decided_at", "plan_change_id", "version");

-- CreateIndex
CREATE INDEX "aor_corrections_plan_change_id_idx" ON "aor_corrections"("plan_change_id");

-- AddForeignKey
ALTER TABLE "customer_histories" ADD CONSTRAINT "customer_histories_customer_id_fkey" FOREIGN KEY ("customer_id") REFERENCES "customers"("customer_id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "customer_histories" ADD CONSTRAINT "customer_histories_plan_change_id_fkey" FOREIGN KEY ("plan_change_id") REFERENCES "plan_changes"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "customer_histories" ADD CONSTRAINT "customer_histories_correction_id_fkey" FOREIGN KEY ("correction_id") REFERENCES "aor_corrections"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "enrolments" ADD CONSTRAINT "enrolments_customer_id_version_fkey" FOREIGN KEY ("customer_id", "version") REFERENCES "customer_histories"("customer_id", "version") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "enrolments" ADD CONSTRAINT "enrolments_plan_id_fkey" FOREIGN KEY ("plan_id") REFERENCES "plans"("plan_id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "agents_of_record" ADD CONSTRAINT "agents_of_record_customer_id_version_fkey" FOREIGN KEY ("customer_id", "version") REFERENCES "customer_histories"("customer_id", "version") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "agents_of_record" ADD CONSTRAINT "agents_of_record_agent_key_fkey" FOREIGN KEY ("agent_key") REFERENCES "agents"("agent_key") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "aor_corrections" ADD CONSTRAINT "aor_corrections_plan_change_id_fkey" FOREIGN KEY ("plan_change_id") REFERENCES "plan_changes"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "aor_corrections" ADD CONSTRAINT "aor_corrections_customer_id_fkey" FOREIGN KEY ("customer_id") REFERENCES "customers"("customer_id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "aor_decisions" ADD CONSTRAINT "aor_decisions_customer_id_version_fkey" FOREIGN KEY ("customer_id", "version") REFERENCES "customer_histories"("customer_id", "version") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "commission_facts" ADD CONSTRAINT "commission_facts_plan_change_id_version_fkey" FOREIGN KEY ("plan_change_id", "version") REFERENCES "aor_decisions"("plan_change_id", "version") ON DELETE RESTRICT ON UPDATE CASCADE;

-- From here on: what a Prisma schema cannot say.

-- Words of the code's string unions; a new one comes with a migration.
ALTER TABLE "customer_histories" ADD CONSTRAINT "customer_histories_cause_check"
  CHECK ("cause" IN ('roster', 'plan-change', 'reversal', 'redetermination', 'disenrolment'));
ALTER TABLE "aor_corrections" ADD CONSTRAINT "aor_corrections_kind_check"
  CHECK (CASE "kind"
    WHEN 'reversal' THEN coalesce("reason" IN ('customer-cancelled', 'rejected-by-cms', 'entered-in-error'), false)
    WHEN 'redetermination' THEN "reason" IS NULL AND "note" IS NOT NULL
    ELSE false END);

-- What goes with what.
ALTER TABLE "customer_histories" ADD CONSTRAINT "customer_histories_of_check"
  CHECK (("version" = 1) = ("cause" = 'roster')
    AND ("plan_change_id" IS NOT NULL) = ("cause" IN ('plan-change', 'reversal', 'redetermination'))
    AND ("correction_id" IS NOT NULL) = ("cause" IN ('reversal', 'redetermination'))
    AND ("enrolled_from" IS NOT NULL) = ("cause" = 'disenrolment') AND ("last_day" IS NOT NULL) = ("cause" = 'disenrolment'));
CREATE UNIQUE INDEX "customer_histories_completed_key" ON "customer_histories"("plan_change_id") WHERE "cause" = 'plan-change';
CREATE UNIQUE INDEX "customer_histories_reversed_key" ON "customer_histories"("plan_change_id") WHERE "cause" = 'reversal';

-- Versions are a chain: each follows the one before and was known later. Two transactions that see nothing of each other cannot both
-- add the next one, whatever their isolation: keys refuse it.
ALTER TABLE "customer_histories" ADD CONSTRAINT "customer_histories_previous_check"
  CHECK ("version" >= 1 AND ("version" = 1) = ("previous_known_from" IS NULL) AND "previous_known_from" < "known_from" AND isfinite("known_from"));
ALTER TABLE "customer_histories" ADD CONSTRAINT "customer_histories_previous_fkey"
  FOREIGN KEY ("customer_id", "previous_version", "previous_known_from") REFERENCES "customer_histories"("customer_id", "version", "known_from");

-- The periods of a version are a chain without gaps: each begins on the day after the last one of the period before, one follows none,
-- each is followed by one at most, and the last one has no end ('infinity').
ALTER TABLE "enrolments" ADD CONSTRAINT "enrolments_valid_check" CHECK ("valid_from" <= "valid_to" AND isfinite("valid_from"));
ALTER TABLE "enrolments" ADD CONSTRAINT "enrolments_previous_to_check" CHECK ("previous_to" = "valid_from" - 1);
CREATE UNIQUE INDEX "enrolments_next_key" ON "enrolments"("customer_id", "version", "previous_to") NULLS NOT DISTINCT;
ALTER TABLE "enrolments" ADD CONSTRAINT "enrolments_previous_to_fkey"
  FOREIGN KEY ("customer_id", "version", "previous_to") REFERENCES "enrolments"("customer_id", "version", "valid_to");

ALTER TABLE "agents_of_record" ADD CONSTRAINT "agents_of_record_valid_check" CHECK ("valid_from" <= "valid_to" AND isfinite("valid_from"));
ALTER TABLE "agents_of_record" ADD CONSTRAINT "agents_of_record_previous_to_check" CHECK ("previous_to" = "valid_from" - 1);
CREATE UNIQUE INDEX "agents_of_record_next_key" ON "agents_of_record"("customer_id", "version", "previous_to") NULLS NOT DISTINCT;
ALTER TABLE "agents_of_record" ADD CONSTRAINT "agents_of_record_previous_to_fkey"
  FOREIGN KEY ("customer_id", "version", "previous_to") REFERENCES "agents_of_record"("customer_id", "version", "valid_to");

-- A version is complete when it is committed: with both chains, and with the decision that it was made for. Nothing can be added then.
ALTER TABLE "customer_histories" ADD CONSTRAINT "customer_histories_enrolments_fkey"
  FOREIGN KEY ("customer_id", "version", "no_end") REFERENCES "enrolments"("customer_id", "version", "valid_to") DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE "customer_histories" ADD CONSTRAINT "customer_histories_agents_of_record_fkey"
  FOREIGN KEY ("customer_id", "version", "no_end") REFERENCES "agents_of_record"("customer_id", "version", "valid_to") DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE "customer_histories" ADD CONSTRAINT "customer_histories_decided_fkey"
  FOREIGN KEY ("decided_change_id", "version") REFERENCES "aor_decisions"("plan_change_id", "version") DEFERRABLE INITIALLY DEFERRED;

-- Nothing that was known is rewritten. Always: also for a session that replays what another server logged.
CREATE TRIGGER "customer_histories_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "customer_histories"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_history_change"();
CREATE TRIGGER "enrolments_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "enrolments"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_history_change"();
CREATE TRIGGER "agents_of_record_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "agents_of_record"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_history_change"();
CREATE TRIGGER "aor_decisions_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "aor_decisions"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_history_change"();
CREATE TRIGGER "commission_facts_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "commission_facts"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_history_change"();
CREATE TRIGGER "aor_corrections_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "aor_corrections"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_history_change"();
ALTER TABLE "customer_histories" ENABLE ALWAYS TRIGGER "customer_histories_append_only";
ALTER TABLE "enrolments" ENABLE ALWAYS TRIGGER "enrolments_append_only";
ALTER TABLE "agents_of_record" ENABLE ALWAYS TRIGGER "agents_of_record_append_only";
ALTER TABLE "aor_decisions" ENABLE ALWAYS TRIGGER "aor_decisions_append_only";
ALTER TABLE "commission_facts" ENABLE ALWAYS TRIGGER "commission_facts_append_only";
ALTER TABLE "aor_corrections" ENABLE ALWAYS TRIGGER "aor_corrections_append_only";
