FROM localhost/tenure-stand-in/debian:bookworm
RUN groupadd --gid 1000 node \
  && useradd --uid 1000 --gid node --shell /bin/bash --create-home node
COPY node /usr/local
COPY npm /usr/local/lib/node_modules/npm
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm \
  && ln -s ../lib/node_modules/npm/bin/npx-cli.js /usr/local/bin/npx
# The registry of this machine, and whom it trusts.
COPY npmrc /usr/local/etc/npmrc
COPY certificates.pem /etc/ssl/stand-in.pem
CMD ["node"]
