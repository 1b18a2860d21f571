-- Terminations that were carried out: the agent's last day was over, sessions ended, compliance is told. A row a last day.
CREATE TABLE "agent_terminations" (
    "id" UUID NOT NULL,
    "agent_key" TEXT NOT NULL,
    "last_day" DATE NOT NULL,
    "carried_out_at" TIMESTAMPTZ(3) NOT NULL,
    "announced_at" TIMESTAMPTZ(3),

    CONSTRAINT "agent_terminations_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "agent_terminations_agent_key_last_day_key" ON "agent_terminations"("agent_key", "last_day");
ALTER TABLE "agent_terminations" ADD CONSTRAINT "agent_terminations_agent_key_fkey" FOREIGN KEY ("agent_key") REFERENCES "agents"("agent_key") ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE "mail_deliveries" DROP CONSTRAINT "mail_deliveries_kind_check";
ALTER TABLE "mail_deliveries" ADD CONSTRAINT "mail_deliveries_kind_check"
  CHECK ("kind" IN ('pin', 'password-changed', 'username-reminded', 'account-registered', 'address-changed', 'access-invitation',
                    'recovery-limit-reached', 'password-reminder', 'plan-change-completed', 'agent-of-record-kept',
                    'agent-of-record-gained', 'agent-of-record-lost', 'plan-change-waiting', 'plan-change-overdue',
                    'plan-change-held', 'plan-change-still-held', 'agent-terminated'));
ALTER TABLE "mail_deliveries" DROP CONSTRAINT "mail_deliveries_account_id_check";
ALTER TABLE "mail_deliveries" ADD CONSTRAINT "mail_deliveries_account_id_check"
  CHECK (("account_id" IS NULL) = ("kind" IN ('access-invitation', 'agent-terminated') OR "kind" LIKE 'plan-change-%' OR "kind" LIKE 'agent-of-record-%'));
