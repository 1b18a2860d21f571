-- What the text of each version of the terms was when people accepted it: from then on it does not change.
CREATE TABLE "terms_texts" (
    "version" TEXT NOT NULL,
    "language" TEXT NOT NULL,
    "digest" TEXT NOT NULL,
    "accepted_at" TIMESTAMPTZ(3),

    CONSTRAINT "terms_texts_pkey" PRIMARY KEY ("version", "language")
);
