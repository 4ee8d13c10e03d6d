# syntax=docker/dockerfile:1
# The provider in an image: no shell history of secrets, no dev dependencies, no agent, no virtual card. docs/operations.md, “Deployment”.
#
#   docker build --tag sekisho .
#   docker build --tag sekisho-demo --target demo .      # everything, with virtual cards: never where a real person signs in
#
# The tag is the Node that the tests run on (package.json). Pin its digest where you build: --build-arg NODE_IMAGE=node@sha256:…
ARG NODE_IMAGE=node:24.21.0-bookworm-slim

# ── libraries ────────────────────────────────────────────────────────────────────────────────────────────────────────
FROM ${NODE_IMAGE} AS libraries
WORKDIR /opt/sekisho
COPY package.json package-lock.json .npmrc ./
COPY bin/package.json bin/
COPY packages/protocol/package.json packages/protocol/
# without scripts: nothing of npm runs, and the npm package “node” fetches no second Node
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund --include-workspace-root --workspace=bin --workspace=packages/protocol

# ── the provider ─────────────────────────────────────────────────────────────────────────────────────────────────────
FROM ${NODE_IMAGE} AS provider
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000
WORKDIR /opt/sekisho
# owned by root and written by nobody: the process below cannot change its own code
COPY --from=libraries /opt/sekisho/node_modules node_modules
COPY package.json LICENSE ./
COPY bin bin
COPY packages/protocol packages/protocol
COPY src src
COPY migrations migrations
COPY views views
COPY locales locales
COPY public public
COPY trust trust
# compiled once here, since the root is read-only later: by the user who runs it, whose cache it is, and who cannot write it afterwards
RUN install --directory --owner=10001 --group=10001 node_modules/.cache/sekisho \
  && setpriv --reuid=10001 --regid=10001 --clear-groups sh -c 'node bin/sekisho.js --version && node bin/compile-ahead.js' \
  && chown --recursive root:root node_modules/.cache
USER 10001:10001
EXPOSE 3000 9464
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/live`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/opt/sekisho/bin/sekisho.js"]
CMD ["serve"]

# ── everything, to try it out ────────────────────────────────────────────────────────────────────────────────────────
FROM ${NODE_IMAGE} AS demo
WORKDIR /opt/sekisho
COPY . .
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund && mkdir /data && chown 10001:10001 /data
USER 10001:10001
ENTRYPOINT ["node", "/opt/sekisho/bin/sekisho.js"]
CMD ["demo", "--data", "/data"]

# what “docker build .” makes
FROM provider
