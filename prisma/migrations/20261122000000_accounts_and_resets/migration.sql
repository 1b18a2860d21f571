-- CreateTable
CREATE TABLE "accounts" (
    "id" UUID NOT NULL,
    "portal" TEXT NOT NULL,
    "username" TEXT NOT NULL,
    "username_key" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "email_key" TEXT NOT NULL,
    "first_name" TEXT NOT NULL,
    "last_name" TEXT NOT NULL,
    "language" TEXT NOT NULL,
    "member_id" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "accounts_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "credentials" (
    "id" UUID NOT NULL,
    "account_id" UUID NOT NULL,
    "hash" TEXT NOT NULL,
    "set_at" TIMESTAMPTZ(3) NOT NULL,
    "reset_id" UUID,
    "retired_at" TIMESTAMPTZ(3),

    CONSTRAINT "credentials_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "staged_passwords" (
    "id" UUID NOT NULL,
    "reset_id" UUID NOT NULL,
    "hash" TEXT NOT NULL,
    "staged_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "staged_passwords_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "sessions" (
    "token_digest" TEXT NOT NULL,
    "account_id" UUID NOT NULL,
    "credential_id" UUID NOT NULL,
    "application" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "sessions_pkey" PRIMARY KEY ("token_digest")
);

-- CreateTable
CREATE TABLE "reset_uses" (
    "reset_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "sequence" INTEGER NOT NULL,
    "subject_key" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "reset_uses_pkey" PRIMARY KEY ("reset_id","kind","sequence")
);

-- CreateTable
CREATE TABLE "mail_deliveries" (
    "id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "account_id" UUID NOT NULL,
    "reference" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "valid_until" TIMESTAMPTZ(3) NOT NULL,
    "settled_at" TIMESTAMPTZ(3),
    "smtp_code" INTEGER,

    CONSTRAINT "mail_deliveries_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "audit_events" (
    "id" BIGSERIAL NOT NULL,
    "key" TEXT,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "action" TEXT NOT NULL,
    "outcome" TEXT NOT NULL,
    "account_id" UUID,
    "address" TEXT,

    CONSTRAINT "audit_events_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "idempotent_requests" (
    "key_digest" TEXT NOT NULL,
    "body_digest" TEXT NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "status" INTEGER,
    "answer" TEXT,

    CONSTRAINT "idempotent_requests_pkey" PRIMARY KEY ("key_digest")
);

-- CreateTable
CREATE TABLE "rate_limits" (
    "key" VARCHAR(255) NOT NULL,
    "points" INTEGER NOT NULL DEFAULT 0,
    "expire" BIGINT,

    CONSTRAINT "rate_limits_pkey" PRIMARY KEY ("key")
);

-- CreateIndex
CREATE UNIQUE INDEX "accounts_member_id_key" ON "accounts"("member_id");

-- CreateIndex
CREATE UNIQUE INDEX "accounts_portal_username_key_key" ON "accounts"("portal", "username_key");

-- CreateIndex
CREATE UNIQUE INDEX "accounts_portal_email_key_key" ON "accounts"("portal", "email_key");

-- CreateIndex
CREATE INDEX "credentials_account_id_set_at_idx" ON "credentials"("account_id", "set_at");

-- CreateIndex
CREATE INDEX "staged_passwords_reset_id_idx" ON "staged_passwords"("reset_id");

-- CreateIndex
CREATE INDEX "staged_passwords_staged_at_idx" ON "staged_passwords"("staged_at");

-- CreateIndex
CREATE INDEX "sessions_account_id_idx" ON "sessions"("account_id");

-- CreateIndex
CREATE INDEX "sessions_expires_at_idx" ON "sessions"("expires_at");

-- CreateIndex
CREATE INDEX "reset_uses_subject_key_at_idx" ON "reset_uses"("subject_key", "at");

-- CreateIndex
CREATE INDEX "mail_deliveries_account_id_created_at_idx" ON "mail_deliveries"("account_id", "created_at");

-- CreateIndex
CREATE UNIQUE INDEX "audit_events_key_key" ON "audit_events"("key");

-- CreateIndex
CREATE INDEX "audit_events_account_id_at_idx" ON "audit_events"("account_id", "at");

-- CreateIndex
CREATE INDEX "idempotent_requests_started_at_idx" ON "idempotent_requests"("started_at");

-- CreateIndex
CREATE INDEX "rate_limits_expire_idx" ON "rate_limits"("expire");

-- AddForeignKey
ALTER TABLE "credentials" ADD CONSTRAINT "credentials_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "accounts"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "accounts"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_credential_id_fkey" FOREIGN KEY ("credential_id") REFERENCES "credentials"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- From here on: what a Prisma schema cannot say.

-- One current password an account.
CREATE UNIQUE INDEX "credentials_current_key" ON "credentials"("account_id") WHERE "retired_at" IS NULL;

-- Words of the code's string unions; a new one comes with a migration.
ALTER TABLE "accounts" ADD CONSTRAINT "accounts_portal_check" CHECK ("portal" IN ('member', 'broker'));
ALTER TABLE "accounts" ADD CONSTRAINT "accounts_language_check" CHECK ("language" IN ('en', 'es'));
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_application_check" CHECK ("application" IN ('portal', 'express-app'));
ALTER TABLE "reset_uses" ADD CONSTRAINT "reset_uses_kind_check" CHECK ("kind" IN ('pin', 'wrong', 'success'));
ALTER TABLE "mail_deliveries" ADD CONSTRAINT "mail_deliveries_kind_check" CHECK ("kind" IN ('pin', 'password-changed'));
ALTER TABLE "mail_deliveries" ADD CONSTRAINT "mail_deliveries_status_check"
  CHECK ("status" IN ('pending', 'delivered', 'refused', 'outdated') AND ("status" = 'pending') = ("settled_at" IS NULL));

-- Old PINs are cleared away by time; wrong guesses and successes stay, for the row of consecutive failures.
CREATE INDEX "reset_uses_pin_at_idx" ON "reset_uses"("at") WHERE "kind" = 'pin';

-- Counts a PIN unless the person's PINs since `since` are used up; says whether it is counted. One person's calls wait for one
-- another: after the lock each statement sees what was counted while this one waited. The same PIN twice counts once.
CREATE FUNCTION "count_reset_pin"(reset uuid, number int, subject text, made_at timestamptz, since timestamptz, at_most int)
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended(subject, 0));
  INSERT INTO reset_uses (reset_id, kind, sequence, subject_key, at)
  SELECT reset, 'pin', number, subject, made_at
  WHERE (SELECT count(*) FROM reset_uses WHERE subject_key = subject AND kind = 'pin' AND at > since) < at_most
  ON CONFLICT DO NOTHING;
  RETURN EXISTS (SELECT FROM reset_uses WHERE reset_id = reset AND kind = 'pin' AND sequence = number);
END
$$;

-- The audit log only grows.
CREATE FUNCTION "refuse_audit_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'audit_events is append-only: % refused', TG_OP USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER "audit_events_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "audit_events"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_audit_change"();

-- Counting a request need not wait for the disk: a crash of the database may forget its last half second of counters, no more.
CREATE FUNCTION "commit_without_waiting"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('synchronous_commit', 'off', true);
  RETURN NULL;
END
$$;

CREATE TRIGGER "rate_limits_commit_without_waiting" BEFORE INSERT OR UPDATE OR DELETE ON "rate_limits"
  FOR EACH STATEMENT EXECUTE FUNCTION "commit_without_waiting"();
