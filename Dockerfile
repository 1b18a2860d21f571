# One image for the API, the worker, the pages and the command line tools; docker-compose.yml says which one runs.
# To pin the base to the byte, put the digest behind its tag in all three lines: "docker buildx imagetools inspect
# node:24.21.0-bookworm-slim" tells it (node:24.21.0-bookworm-slim@sha256:...).
FROM node:24.21.0-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY prisma.config.ts tsconfig.json tsconfig.build.json ./
COPY prisma prisma
COPY scripts scripts
COPY src src
COPY brand brand
RUN npm run build \
  && find dist -name '*.map' -delete

# Without peers that nothing of ours asks for (Prisma's command line among them), and without what other systems, other
# processors and other databases need. Temporal's package has its native library for all of them, and knows its own.
FROM node:24.21.0-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --legacy-peer-deps --ignore-scripts --no-audit --no-fund \
  && target=$(node -p 'require("@temporalio/core-bridge/common").getPrebuiltTargetName()') \
  && find node_modules/@temporalio/core-bridge/releases -mindepth 1 -maxdepth 1 ! -name "$target" -exec rm -r {} + \
  && find node_modules/@prisma/client/runtime -name 'query_compiler_*' ! -name '*.postgresql.*' -delete \
  && find node_modules -name '*.map' -delete

FROM node:24.21.0-bookworm-slim
# TLS to Temporal, PostgreSQL and SMTP needs the public certificate authorities, which slim images leave out.
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /app
ENV NODE_ENV=production
COPY package.json LICENSE ./
COPY brand brand
COPY --from=packages /app/node_modules node_modules
COPY prisma/schema.prisma prisma/schema.prisma
COPY prisma/migrations prisma/migrations
COPY --from=build /app/dist dist
# Compiled from layout.mjml.
COPY --from=build /app/brand/default/email/layout.html.njk brand/default/email/
USER node
EXPOSE 3000 3080
# Of the API. A worker and the pages are asked otherwise, as in docker-compose.yml, or for nothing (--no-healthcheck).
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 3000}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/server.js"]
