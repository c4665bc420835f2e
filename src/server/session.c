/* Who is asking, see session.h. The columns are those of session_find.sql. */
#include <stddef.h>
#include <string.h>

#include "base/token.h"
#include "server/reply.h"
#include "server/session.h"

enum {
	SESSION_ID, PERSON_ID, NAME, EMAIL, LANGUAGE, TENANT_ID, TENANT_NAME,
	TIME_ZONE, ACCOUNT_ID, SUPERVISOR, ADMINISTRATOR, SITES, OTHERS,
	SESSION_BRAND
};
/* The columns of a brand and of a host, in both questions. */
enum {
	BRAND_NAME,
	BRAND_COLOR,
	BRAND_CONTACT,
	BRAND_LOGO,
	PURPOSE,
	CONSOLE_HOST,
	BOARD_HOST
};

struct finding {
	void	(*next)(struct ctx *);
	char	 token[TOKEN_TEXT];
};

static const char *
column(struct ctx *c, const struct db_rows *rows, int i)
{
	const char	*value = db_value(rows, 0, i);

	return (value == NULL ? "" : arena_strdup(&c->arena, value));
}

/* first: the column of the brand's name, NULL when there is none. */
static void
brand_read(struct ctx *c, const struct db_rows *rows, int first)
{
	struct brand	*b;

	if (db_value(rows, 0, first + BRAND_NAME) == NULL)
		return;
	b = arena_alloc(&c->arena, sizeof(*b));
	b->name = column(c, rows, first + BRAND_NAME);
	b->color = column(c, rows, first + BRAND_COLOR);
	b->contact = column(c, rows, first + BRAND_CONTACT);
	b->logo = column(c, rows, first + BRAND_LOGO);
	c->brand = b;
}

static void
place_read(struct ctx *c, const struct db_rows *rows, int first)
{
	static const char *const	 purposes[] = { "all", "console",
	    "board", "moved" };
	const char			*purpose;
	int				 i;

	if ((purpose = db_value(rows, 0, first + PURPOSE)) == NULL)
		return;
	for (i = PLACE_ALL; i <= PLACE_MOVED; i++)
		if (strcmp(purpose, purposes[i]) == 0)
			c->place.purpose = i;
	c->place.console_host = column(c, rows, first + CONSOLE_HOST);
	c->place.board_host = column(c, rows, first + BOARD_HOST);
}

static struct person *
person_read(struct ctx *c, const struct db_rows *rows, const char *token)
{
	struct person	*p = arena_alloc(&c->arena, sizeof(*p));
	char		*csrf = arena_alloc(&c->arena, TOKEN_TEXT);

	token_derive(token, "csrf", csrf);
	p->csrf = csrf;
	p->session_id = column(c, rows, SESSION_ID);
	p->id = column(c, rows, PERSON_ID);
	p->name = column(c, rows, NAME);
	p->email = column(c, rows, EMAIL);
	p->tenant_id = column(c, rows, TENANT_ID);
	p->tenant_name = column(c, rows, TENANT_NAME);
	p->time_zone = column(c, rows, TIME_ZONE);
	p->account_id = column(c, rows, ACCOUNT_ID);
	p->supervisor = strcmp(column(c, rows, SUPERVISOR), "t") == 0;
	p->administrator = strcmp(column(c, rows, ADMINISTRATOR), "t") == 0;
	p->sites = column(c, rows, SITES);
	p->others = column(c, rows, OTHERS);
	return (p);
}

static void
brand_found(struct ctx *c, enum result result, struct db_rows *rows)
{
	struct finding	*f = c->feature;

	c->feature = NULL;
	if (result == OK && db_count(rows) > 0) {
		brand_read(c, rows, 0);
		place_read(c, rows, 0);
	}
	f->next(c);
}

/* Nobody is signed in: pages wear their host's brand, or are none of its. */
static void
nobody(struct ctx *c)
{
	struct finding	*f = c->feature;
	const char	*params[1] = { c->host };

	if (c->surface != API) {
		ask_all(c, SQL_ONEPASS_BRAND, params, 1, brand_found);
		return;
	}
	c->feature = NULL;
	f->next(c);
}

static void
found(struct ctx *c, enum result result, struct db_rows *rows)
{
	struct finding	*f = c->feature;

	(void)result;
	if (db_count(rows) == 0) {
		nobody(c);
		return;
	}
	c->feature = NULL;
	c->person = person_read(c, rows, f->token);
	brand_read(c, rows, SESSION_BRAND);
	place_read(c, rows, SESSION_BRAND);
	lang_of_tag(db_value(rows, 0, LANGUAGE), &c->lang);
	f->next(c);
}

void
session_find(struct ctx *c, void (*next)(struct ctx *))
{
	const char	*token = ctx_cookie(c, SESSION_COOKIE);
	char		 hash[TOKEN_TEXT];
	const char	*params[2] = { hash, c->host };
	struct finding	*f;

	f = arena_alloc(&c->arena, sizeof(*f));
	f->next = next;
	c->feature = f;
	if (token == NULL || !token_valid(token)) {
		nobody(c);
		return;
	}
	memcpy(f->token, token, TOKEN_TEXT);
	token_hash(token, hash);
	ask(c, SQL_ONEPASS_SESSION_FIND, params, 2, found);
}
