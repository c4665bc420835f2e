# The same binary as `make build`, on a slim Debian 12 without compiler or
# root. Settings by environment (SMARTRECORD_…) or a file named by
# SMARTRECORD_CONFIG; audio, cache and state are volumes or tmpfs.
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
