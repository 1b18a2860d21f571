-- Emails about plan changes and invitations carry no account: they are found by what they are about.
CREATE INDEX "mail_deliveries_reference_idx" ON "mail_deliveries"("reference") WHERE "account_id" IS NULL;
