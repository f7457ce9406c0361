# Node 26 is the line the hub is developed and tested on (the lock file brings the same one to machines without it).
# bookworm-slim has glibc, as that machine has; Alpine's musl would be a second platform to test.
# For a reproducible image replace the tag by a digest: node:26-bookworm-slim@sha256:...

# 1. Compile. The compiler's native binary is an optional package, so nothing is omitted here.
FROM node:26-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY bin ./bin
COPY migrations ./migrations
COPY schemas ./schemas
COPY scripts ./scripts
COPY src ./src
RUN npm run build

# 2. What the compiled hub needs, and no more. The optional packages are Node binaries: the base image has Node.
FROM node:26-bookworm-slim AS production
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --omit=optional --ignore-scripts

# 3. The image. Files belong to root and the process does not, so it cannot change its own code.
FROM node:26-bookworm-slim AS runtime
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    PORT=3000 \
    DATA_DIR=/data
WORKDIR /app
COPY --from=production /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json ./
COPY bin ./bin
RUN mkdir /data && chown 1000:1000 /data && chmod 700 /data

# The image's user `node`, by number: orchestrators that insist on a non-root user can check a number.
USER 1000:1000
# Nothing is written outside /data and /tmp: the root file system may be read-only.
VOLUME /data
EXPOSE 3000

# Liveness only: a hub whose database is away must not be restarted for it. Node itself asks, so no curl is needed.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/api/health/live', { signal: AbortSignal.timeout(2500) }).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]

# No init process: the hub handles SIGTERM as process 1 itself (drain, then exit 0), and its only children are its own
# workers, which Node reaps. The form without a shell makes it process 1.
STOPSIGNAL SIGTERM
CMD ["node", "dist/src/main.js"]
