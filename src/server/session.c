/* Sessions; see session.h. */
#include <stddef.h>
#include <string.h>

#include "base/token.h"
#include "server/recent.h"
#include "server/reply.h"
#include "server/request.h"
#include "server/session.h"

struct finding {
	void	(*next)(struct ctx *);
	char	 token[TOKEN_TEXT];
	char	 hash[TOKEN_TEXT];
};

static const char *
row_text(struct ctx *c, const struct db_rows *rows, const char *column)
{
	const char	*value = db_text(rows, 0, column);

	return (value == NULL ? "" : arena_strdup(&c->arena, value));
}

static void
brand_read(struct ctx *c, const struct db_rows *rows)
{
	struct brand	*b;

	if (db_text(rows, 0, "brand_name") == NULL)
		return;
	b = arena_alloc(&c->arena, sizeof(*b));
	b->name = row_text(c, rows, "brand_name");
	b->color = row_text(c, rows, "color");
	b->contact = row_text(c, rows, "contact");
	b->logo = row_text(c, rows, "logo");
	c->brand = b;
}

static void
place_read(struct ctx *c, const struct db_rows *rows)
{
	static const char *const	 purposes[] = { "all", "console",
	    "board", "moved" };
	const char			*purpose;
	int				 i;

	if ((purpose = db_text(rows, 0, "purpose")) == NULL)
		return;
	for (i = PLACE_ALL; i <= PLACE_MOVED; i++)
		if (strcmp(purpose, purposes[i]) == 0)
			c->place.purpose = i;
	c->place.console_host = row_text(c, rows, "console_host");
	c->place.board_host = row_text(c, rows, "board_host");
}

static struct person *
person_read(struct ctx *c, const struct db_rows *rows, const char *token)
{
	struct person	*p = arena_alloc(&c->arena, sizeof(*p));
	char		*csrf = arena_alloc(&c->arena, TOKEN_TEXT);

	token_derive(token, "csrf", csrf);
	p->csrf = csrf;
	p->session_id = row_text(c, rows, "session_id");
	p->id = row_text(c, rows, "person_id");
	p->public_id = row_text(c, rows, "person_public_id");
	p->name = row_text(c, rows, "name");
	p->email = row_text(c, rows, "email");
	p->tenant_id = row_text(c, rows, "tenant_id");
	p->tenant_public_id = row_text(c, rows, "tenant_public_id");
	p->tenant_name = row_text(c, rows, "tenant_name");
	p->time_zone = row_text(c, rows, "time_zone");
	p->account_id = row_text(c, rows, "account_id");
	p->supervisor = strcmp(row_text(c, rows, "supervisor"), "t") == 0;
	p->administrator = strcmp(row_text(c, rows, "administrator"), "t") == 0;
	p->sites = row_text(c, rows, "sites");
	p->others = row_text(c, rows, "others");
	return (p);
}

static void
brand_found(struct ctx *c, enum result result, struct db_rows *rows,
    void *arg)
{
	struct finding	*f = arg;

	if (result == OK && db_count(rows) > 0) {
		brand_read(c, rows);
		place_read(c, rows);
	}
	f->next(c);
}

/* There is no session: finds the brand and the purpose of the host. */
static void
session_none(struct ctx *c, struct finding *f)
{
	const char	*params[1] = { c->host };

	c->scope.key = c->network;
	request_unknown(c->request);
	if (c->surface != API)
		ask_all(c, SQL_SERVER_BRAND, params, 1, brand_found, f);
	else
		f->next(c);
}

static void
session_found(struct ctx *c, struct db_rows *rows, void *arg)
{
	struct finding	*f = arg;

	if (db_count(rows) == 0) {
		recent_forget(f->hash);
		session_none(c, f);
		return;
	}
	if (db_text(rows, 0, "ended") != NULL) {
		recent_forget(f->hash);
		c->scope.key = c->network;
		c->rights_grown = true;
		session_none(c, f);
		return;
	}
	c->person = person_read(c, rows, f->token);
	c->scope.key = fair_customer(c->person->tenant_id, c->person->id);
	request_known(c->request);
	recent_keep(f->hash, &c->scope.key);
	brand_read(c, rows);
	place_read(c, rows);
	lang_of_tag(db_text(rows, 0, "language"), &c->lang);
	f->next(c);
}

void
session_find(struct ctx *c, void (*next)(struct ctx *))
{
	const char	*token = ctx_cookie(c, SESSION_COOKIE);
	const char	*params[2];
	struct finding	*f;

	f = arena_alloc(&c->arena, sizeof(*f));
	f->next = next;
	if (token == NULL || !token_valid(token)) {
		session_none(c, f);
		return;
	}
	memcpy(f->token, token, TOKEN_TEXT);
	token_hash(token, f->hash);
	c->scope.key = fair_session(&c->network, f->hash);
	recent_find(f->hash, &c->scope.key);
	params[0] = f->hash;
	params[1] = c->host;
	ask(c, SQL_SERVER_SESSION_FIND, params, 2, session_found, f);
}
