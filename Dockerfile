# Builds the binary with `make build` and runs it on a slim Debian 12 without
# a compiler, as a normal user. Settings come from the environment
# (SMARTRECORD_…) or the file that SMARTRECORD_CONFIG names. Mount volumes for
# audio and cache, and a tmpfs for state.
#   docker build -t smartrecord .
#   docker run smartrecord config
FROM debian:bookworm-slim AS build
WORKDIR /src
COPY conf/packages conf/packages.txt conf/
RUN conf/packages build
COPY . .
RUN make build

FROM debian:bookworm-slim
COPY conf/packages conf/packages.txt /tmp/
RUN /tmp/packages image && rm -rf /tmp/packages* /var/lib/apt/lists/* \
    && useradd --uid 10001 --home-dir /var/lib/smartrecord smartrecord \
    && install -d -o smartrecord /var/lib/smartrecord/audio \
	/var/lib/smartrecord/exports \
	/var/cache/smartrecord /run/smartrecord
COPY --from=build /src/build/smartrecord /usr/local/bin/
USER smartrecord
EXPOSE 8443
ENTRYPOINT ["smartrecord"]
CMD ["serve"]
