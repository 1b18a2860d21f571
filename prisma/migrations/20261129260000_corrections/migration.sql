-- The emails about corrections, to the customer and to agents.
ALTER TABLE "mail_deliveries" DROP CONSTRAINT "mail_deliveries_kind_check";
ALTER TABLE "mail_deliveries" ADD CONSTRAINT "mail_deliveries_kind_check"
  CHECK ("kind" IN ('pin', 'password-changed', 'username-reminded', 'account-registered', 'address-changed', 'access-invitation',
                    'recovery-limit-reached', 'password-reminder', 'plan-change-completed', 'agent-of-record-kept',
                    'agent-of-record-gained', 'agent-of-record-lost', 'plan-change-waiting', 'plan-change-overdue',
                    'plan-change-held', 'plan-change-still-held', 'plan-change-corrected', 'agent-of-record-corrected',
                    'agent-terminated'));

-- CreateIndex
CREATE INDEX "aor_corrections_customer_id_idx" ON "aor_corrections"("customer_id");
