-- What a Prisma schema cannot say.

-- Emails that may still go out, for the API's metrics: few at any time, among all that ever went.
CREATE INDEX "mail_deliveries_pending_idx" ON "mail_deliveries"("valid_until", "created_at") WHERE "status" = 'pending';
