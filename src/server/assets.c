/* Scripts, styles and images, which are compiled into the binary. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/embedded.h"
#include "base/text.h"
#include "server/assets.h"
#include "server/reply.h"

#define VERSION_BYTES	8

static char	version[2 * VERSION_BYTES + 1];
static char	base[sizeof(version) + 8];

static const struct {
	const char	*ending;
	const char	*type;
} types[] = {
	{ ".css", "text/css; charset=utf-8" },
	{ ".js", "text/javascript; charset=utf-8" },
	{ ".svg", "image/svg+xml" },
	{ ".png", "image/png" },
	{ ".woff2", "font/woff2" },
};

void
assets_start(void)
{
	crypto_generichash_state	 state;
	const struct embedded		*e;
	uint8_t				 digest[32];

	crypto_generichash_init(&state, NULL, 0, sizeof(digest));
	for (e = embedded_files; e->name != NULL; e++) {
		if (strncmp(e->name, "assets/", 7) != 0)
			continue;
		crypto_generichash_update(&state, (const uint8_t *)e->name,
		    strlen(e->name) + 1);
		crypto_generichash_update(&state, (const uint8_t *)e->bytes,
		    e->len);
	}
	crypto_generichash_final(&state, digest, sizeof(digest));
	hex_encode(digest, VERSION_BYTES, version);
	snprintf(base, sizeof(base), "/assets/%s", version);
}

const char *
assets_base(void)
{
	return (base);
}

static const char *
type_of(const char *name)
{
	size_t	i, n = strlen(name), m;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		m = strlen(types[i].ending);
		if (n > m && strcmp(name + n - m, types[i].ending) == 0)
			return (types[i].type);
	}
	return ("application/octet-stream");
}

/* Returns whether Accept-Encoding lists gzip with a weight above 0 (RFC 9110
 * section 12.5.3). */
static bool
takes_gzip(struct ctx *c)
{
	const char	*accepted = ctx_header(c, "accept-encoding"), *rest;

	if (accepted == NULL || (rest = strcasestr(accepted, "gzip")) == NULL)
		return (false);
	rest += 4;
	rest += strspn(rest, " \t");
	if (*rest != ';')
		return (*rest == ',' || *rest == '\0');
	rest += 1 + strspn(rest + 1, " \t");
	return (strncasecmp(rest, "q=", 2) == 0 && strtod(rest + 2, NULL) > 0);
}

void
asset_get(struct ctx *c)
{
	const struct embedded	*e, *packed;
	const char		*name, *type;

	name = arena_printf(&c->arena, "assets/%s", c->rest);
	if ((e = embedded_get(name)) == NULL) {
		reply_result(c, NOT_FOUND);
		return;
	}
	type = type_of(name);
	packed = embedded_get(arena_printf(&c->arena, "%s.gz", name));
	if (packed != NULL)
		reply_header(c, "vary", "accept-encoding");
	if (packed != NULL && takes_gzip(c)) {
		reply_header(c, "content-encoding", "gzip");
		e = packed;
	}
	/* A page from before an update requests an old version: send the
	 * current file, but do not let caches keep it under the old URL. */
	reply_header(c, "cache-control", strcmp(c->id, version) == 0 ?
	    "public, max-age=31536000, immutable" : "no-cache");
	reply_bytes(c, 200, type, e->bytes, e->len);
}
