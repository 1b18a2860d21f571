-- When a session ends without use; each use moves it on. NULL: it does not, or it is older: its next use decides.
ALTER TABLE "sessions" ADD COLUMN "idle_expires_at" TIMESTAMPTZ(3);
