-- AlterTable
ALTER TABLE "accounts" ADD COLUMN     "identity_version" INTEGER NOT NULL DEFAULT 0;

-- CreateTable
CREATE TABLE "password_resets" (
    "reset_id" UUID NOT NULL,
    "account_id" UUID,
    "identity_version" INTEGER,
    "credential_id" UUID,
    "opened_at" TIMESTAMPTZ(3) NOT NULL,
    "choices" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "password_resets_pkey" PRIMARY KEY ("reset_id")
);

-- CreateIndex
CREATE INDEX "password_resets_opened_at_idx" ON "password_resets"("opened_at");

-- From here on: what a Prisma schema cannot say.

-- Whatever changes who an account's person is, or whether the account is open, moves its version on. What was proved before proves
-- nothing any more, and nobody who writes an account has to think of it.
CREATE FUNCTION "move_identity_on"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.identity_version := OLD.identity_version + 1;
  RETURN NEW;
END
$$;
CREATE TRIGGER "accounts_identity_version" BEFORE UPDATE ON "accounts" FOR EACH ROW
  WHEN (OLD.email_key IS DISTINCT FROM NEW.email_key OR OLD.closed_at IS DISTINCT FROM NEW.closed_at
        OR OLD.username_key IS DISTINCT FROM NEW.username_key OR OLD.agent_key IS DISTINCT FROM NEW.agent_key
        OR NEW.portal = 'broker'
           AND (OLD.first_name, OLD.last_name) IS DISTINCT FROM (NEW.first_name, NEW.last_name))
  EXECUTE FUNCTION "move_identity_on"();

-- A broker is known by the roster's names, a corporation by those of its principal, and proved by security answers.
CREATE FUNCTION "move_identity_of_agents_on"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE accounts SET identity_version = identity_version + 1
  WHERE agent_key IN (
    WITH renamed AS (
      SELECT n.agent_key FROM new_agents n JOIN old_agents o USING (agent_key)
      WHERE (o.first_name_key, o.last_name_keys, o.principal_key)
        IS DISTINCT FROM (n.first_name_key, n.last_name_keys, n.principal_key)
    )
    SELECT agent_key FROM renamed
    UNION SELECT g.agent_key FROM agents g JOIN renamed r ON g.principal_key = r.agent_key);
  RETURN NULL;
END
$$;
CREATE TRIGGER "agents_identity_version" AFTER UPDATE ON "agents"
  REFERENCING OLD TABLE AS old_agents NEW TABLE AS new_agents
  FOR EACH STATEMENT EXECUTE FUNCTION "move_identity_of_agents_on"();

CREATE FUNCTION "move_identity_of_answerer_on"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE accounts SET identity_version = identity_version + 1 WHERE id = OLD.account_id;
  RETURN NULL;
END
$$;
CREATE TRIGGER "security_answers_identity_version" AFTER UPDATE OR DELETE ON "security_answers"
  FOR EACH ROW EXECUTE FUNCTION "move_identity_of_answerer_on"();
