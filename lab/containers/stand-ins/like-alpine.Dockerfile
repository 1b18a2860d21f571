# For what is made on Alpine: Debian with Alpine's own shell, and the tools that health checks ask for, which Debian's
# busybox has without an option or crashes with.
FROM localhost/tenure-stand-in/debian:bookworm
RUN apt-get update \
  && apt-get install -y --no-install-recommends busybox netcat-openbsd wget ca-certificates tzdata \
  && rm -rf /var/lib/apt/lists/* \
  && ln -sf busybox /bin/sh \
  && groupadd --gid 1000 temporal \
  && useradd --uid 1000 --gid temporal --create-home temporal
