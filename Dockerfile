# syntax=docker/dockerfile:1
FROM node:22-bookworm-slim AS console
WORKDIR /src
COPY console .
RUN npm ci --no-audit --no-fund && npm run build

FROM rust:1-bookworm AS build
WORKDIR /src
COPY . .
COPY --from=console /src/dist console/dist
RUN cargo build --release --locked --bin tagwatch

FROM debian:bookworm-slim
# Whom TLS to brokers, databases and hooks trusts.
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --home-dir /var/lib/tagwatch --create-home tagwatch
COPY --from=build /src/target/release/tagwatch /usr/local/bin/tagwatch
COPY deploy/tagwatch.toml /etc/tagwatch/tagwatch.toml
USER tagwatch
VOLUME /var/lib/tagwatch
EXPOSE 8080
ENTRYPOINT ["tagwatch"]
CMD ["run", "--config", "/etc/tagwatch/tagwatch.toml"]
