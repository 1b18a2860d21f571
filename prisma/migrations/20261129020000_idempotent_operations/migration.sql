-- What a request does has one id however often it is repeated, and a claim is given back without being forgotten.
-- Rows of processes that know neither are the new ones' too: no id is one that nothing was done under.
ALTER TABLE "idempotent_requests" ADD COLUMN "operation_id" UUID,
ADD COLUMN "released_at" TIMESTAMPTZ(3);
