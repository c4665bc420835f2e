/*
 * GET /brand/{file}: an operator's style sheet, made from its colour, and its
 * logo; and the page with the statement on accessibility.
 */
#include <sodium.h>
#include <string.h>

#include "base/buf.h"
#include "base/color.h"
#include "server/reply.h"
#include "tenants/tenants.h"

#define LOGO_HASH	64	/* digits of a SHA-256 */

static void
brand_rule(struct buf *css, const char *color, bool dark)
{
	struct color_tones	t;

	color_tones(color, dark, &t);
	buf_printf(css, ":root{--brand:%s;--brand-strong:%s;--brand-ink:%s;"
	    "--brand-soft:%s}", t.brand, t.strong, t.ink, t.soft);
}

/*
 * Reads "1f5fa8.css" as "#1f5fa8". Accepts lower case only, so that each colour
 * has one address. Returns false for other names.
 */
static bool
color_of_file(const char *file, char color[COLOR_TEXT])
{
	if (strlen(file) != 10 || strcmp(file + 6, ".css") != 0 ||
	    strspn(file, "0123456789abcdef") != 6)
		return (false);
	color[0] = '#';
	memcpy(color + 1, file, 6);
	color[7] = '\0';
	return (true);
}

static void
logo_found(struct ctx *c, struct db_rows *rows, void *arg)
{
	unsigned char	*png;
	size_t		 n;

	(void)arg;
	if (db_count(rows) == 0) {
		reply_result(c, NOT_FOUND);
		return;
	}
	n = db_length(rows, 0, 0) / 2;
	png = arena_alloc(&c->arena, n);
	(void)sodium_hex2bin(png, n, db_value(rows, 0, 0), 2 * n, NULL, &n,
	    NULL);
	/* the address contains the hash of the content */
	reply_header(c, "cache-control", "public, max-age=31536000, immutable");
	reply_bytes(c, 200, "image/png", png, n);
}

/* Replies with the logo of the address "<64 hexadecimal digits>.png". */
static void
logo_get(struct ctx *c)
{
	const char	*params[1];

	params[0] = arena_strndup(&c->arena, c->id, LOGO_HASH);
	ask(c, SQL_TENANTS_LOGO, params, 1, logo_found, NULL);
}

void
brand_get(struct ctx *c)
{
	char		 color[COLOR_TEXT];
	struct buf	 css = { NULL, 0, 0 };

	if (strspn(c->id, "0123456789abcdef") == LOGO_HASH &&
	    strcmp(c->id + LOGO_HASH, ".png") == 0) {
		logo_get(c);
		return;
	}
	if (!color_of_file(c->id, color)) {
		reply_result(c, NOT_FOUND);
		return;
	}
	brand_rule(&css, color, false);
	buf_puts(&css, "\n@media screen and (prefers-color-scheme:dark){");
	brand_rule(&css, color, true);
	buf_puts(&css, "}\n");
	/* a day: another release may derive other tones from the colour */
	reply_header(c, "cache-control", "public, max-age=86400");
	reply_bytes(c, 200, "text/css; charset=utf-8", css.data, css.len);
	buf_dispose(&css);
}

void
accessibility_page(struct ctx *c)
{
	reply_value(c, 200, json_object());
}

json_t *
present_accessibility(const struct view *view, json_t *model)
{
	(void)model;
	return (json_pack("{s:s, s:b}", "title",
	    tr(view->lang, "Accessibilité"), "on_accessibility", true));
}
