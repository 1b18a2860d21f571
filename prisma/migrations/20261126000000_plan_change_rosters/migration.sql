-- CreateTable
CREATE TABLE "staff" (
    "staff_key" TEXT NOT NULL,
    "staff_number" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "first_name" TEXT NOT NULL,
    "last_name" TEXT NOT NULL,
    "licensed_from" DATE,
    "licensed_to" DATE,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "staff_pkey" PRIMARY KEY ("staff_key")
);

-- CreateTable
CREATE TABLE "call_centers" (
    "agent_key" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "call_centers_pkey" PRIMARY KEY ("agent_key")
);

-- CreateTable
CREATE TABLE "plans" (
    "plan_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "states" TEXT[],
    "offered_from" DATE NOT NULL,
    "offered_to" DATE,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "plans_pkey" PRIMARY KEY ("plan_id")
);

-- CreateTable
CREATE TABLE "customers" (
    "customer_id" TEXT NOT NULL,
    "first_name" TEXT NOT NULL,
    "last_name" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "language" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "customers_pkey" PRIMARY KEY ("customer_id")
);

-- CreateTable
CREATE TABLE "enrolments" (
    "id" UUID NOT NULL,
    "customer_id" TEXT NOT NULL,
    "plan_id" TEXT NOT NULL,
    "valid_from" DATE NOT NULL,
    "valid_to" DATE,
    "previous_to" DATE,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "enrolments_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "agents_of_record" (
    "id" UUID NOT NULL,
    "customer_id" TEXT NOT NULL,
    "agent_key" TEXT,
    "valid_from" DATE NOT NULL,
    "valid_to" DATE,
    "previous_to" DATE,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "agents_of_record_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "enrolments_customer_id_valid_to_key" ON "enrolments"("customer_id", "valid_to");

-- CreateIndex
CREATE INDEX "agents_of_record_agent_key_valid_from_idx" ON "agents_of_record"("agent_key", "valid_from");

-- CreateIndex
CREATE UNIQUE INDEX "agents_of_record_customer_id_valid_to_key" ON "agents_of_record"("customer_id", "valid_to");

-- AddForeignKey
ALTER TABLE "call_centers" ADD CONSTRAINT "call_centers_agent_key_fkey" FOREIGN KEY ("agent_key") REFERENCES "agents"("agent_key") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "enrolments" ADD CONSTRAINT "enrolments_customer_id_fkey" FOREIGN KEY ("customer_id") REFERENCES "customers"("customer_id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "enrolments" ADD CONSTRAINT "enrolments_plan_id_fkey" FOREIGN KEY ("plan_id") REFERENCES "plans"("plan_id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "agents_of_record" ADD CONSTRAINT "agents_of_record_customer_id_fkey" FOREIGN KEY ("customer_id") REFERENCES "customers"("customer_id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "agents_of_record" ADD CONSTRAINT "agents_of_record_agent_key_fkey" FOREIGN KEY ("agent_key") REFERENCES "agents"("agent_key") ON DELETE RESTRICT ON UPDATE CASCADE;

-- From here on: what a Prisma schema cannot say.

-- Words of the code's string unions; a new one comes with a migration.
ALTER TABLE "staff" ADD CONSTRAINT "staff_role_check"
  CHECK ("role" IN ('plan-change-representative', 'field-agent', 'telesales-agent', 'customer-service'));
ALTER TABLE "plans" ADD CONSTRAINT "plans_type_check" CHECK ("type" IN ('medicare-advantage'));
ALTER TABLE "plans" ADD CONSTRAINT "plans_plan_id_check" CHECK ("plan_id" ~ '^[A-Z][0-9]{4}-[0-9]{3}-[0-9]{3}$');
ALTER TABLE "plans" ADD CONSTRAINT "plans_states_check" CHECK ("states" IS NOT NULL AND "states" <> '{}');
ALTER TABLE "customers" ADD CONSTRAINT "customers_language_check" CHECK ("language" IN ('en', 'es'));
ALTER TABLE "customers" ADD CONSTRAINT "customers_state_check" CHECK ("state" ~ '^[A-Z]{2}$');

-- What goes with what.
ALTER TABLE "staff" ADD CONSTRAINT "staff_licensed_from_check"
  CHECK ("licensed_from" IS NOT NULL OR ("role" <> 'plan-change-representative' AND "licensed_to" IS NULL));
ALTER TABLE "staff" ADD CONSTRAINT "staff_licensed_to_check" CHECK ("licensed_to" >= "licensed_from");
ALTER TABLE "plans" ADD CONSTRAINT "plans_offered_to_check" CHECK ("offered_to" >= "offered_from");
ALTER TABLE "enrolments" ADD CONSTRAINT "enrolments_valid_to_check" CHECK ("valid_to" >= "valid_from");
ALTER TABLE "agents_of_record" ADD CONSTRAINT "agents_of_record_valid_to_check" CHECK ("valid_to" >= "valid_from");

-- A customer's periods are a chain. Each begins after the last day of the one before, which so has one; each is followed by one at
-- most, and one alone follows none. So no two overlap, and keys see to it: two transactions that see nothing of each other cannot
-- both add the next one, whatever their isolation. A history grows at its end only.
CREATE UNIQUE INDEX "enrolments_next_key" ON "enrolments"("customer_id", "previous_to") NULLS NOT DISTINCT;
ALTER TABLE "enrolments" ADD CONSTRAINT "enrolments_previous_to_fkey"
  FOREIGN KEY ("customer_id", "previous_to") REFERENCES "enrolments"("customer_id", "valid_to");
ALTER TABLE "enrolments" ADD CONSTRAINT "enrolments_previous_to_check" CHECK ("previous_to" < "valid_from");

CREATE UNIQUE INDEX "agents_of_record_next_key" ON "agents_of_record"("customer_id", "previous_to") NULLS NOT DISTINCT;
ALTER TABLE "agents_of_record" ADD CONSTRAINT "agents_of_record_previous_to_fkey"
  FOREIGN KEY ("customer_id", "previous_to") REFERENCES "agents_of_record"("customer_id", "valid_to");
ALTER TABLE "agents_of_record" ADD CONSTRAINT "agents_of_record_previous_to_check" CHECK ("previous_to" < "valid_from");

-- Whoever writes a period need not look for the one before. Where this finds an old one, the keys refuse the row.
CREATE FUNCTION "follow_last_period"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('SELECT max(valid_to) FROM %I.%I WHERE customer_id = $1', TG_TABLE_SCHEMA, TG_TABLE_NAME)
    INTO NEW.previous_to USING NEW.customer_id;
  RETURN NEW;
END
$$;
CREATE TRIGGER "enrolments_previous_to" BEFORE INSERT ON "enrolments"
  FOR EACH ROW WHEN (NEW.previous_to IS NULL) EXECUTE FUNCTION "follow_last_period"();
CREATE TRIGGER "agents_of_record_previous_to" BEFORE INSERT ON "agents_of_record"
  FOR EACH ROW WHEN (NEW.previous_to IS NULL) EXECUTE FUNCTION "follow_last_period"();

-- Of a period that was written its end can be set, once.
CREATE FUNCTION "refuse_history_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER "enrolments_append_only" BEFORE DELETE OR TRUNCATE ON "enrolments"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_history_change"();
CREATE TRIGGER "enrolments_end_once" BEFORE UPDATE ON "enrolments" FOR EACH ROW
  WHEN (OLD.valid_to IS NOT NULL OR NEW.valid_to IS NULL OR to_jsonb(OLD) - 'valid_to' <> to_jsonb(NEW) - 'valid_to')
  EXECUTE FUNCTION "refuse_history_change"();
CREATE TRIGGER "agents_of_record_append_only" BEFORE DELETE OR TRUNCATE ON "agents_of_record"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_history_change"();
CREATE TRIGGER "agents_of_record_end_once" BEFORE UPDATE ON "agents_of_record" FOR EACH ROW
  WHEN (OLD.valid_to IS NOT NULL OR NEW.valid_to IS NULL OR to_jsonb(OLD) - 'valid_to' <> to_jsonb(NEW) - 'valid_to')
  EXECUTE FUNCTION "refuse_history_change"();
