/* Sends the mail of the outbox, see post.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/buf.h"
#include "base/embedded.h"
#include "base/log.h"
#include "base/mustache.h"
#include "base/token.h"
#include "jobs/post.h"
#include "jobs/rounds.h"
#include "net/mail.h"

#define ROUND_S	1

struct post {
	const struct settings	*settings;
	struct db		*db;		/* NULL: not opened yet */
	struct rounds		*rounds;
};

const char *
post_problem(const struct settings *s)
{
	const char	*url = s->public_url;

	if (strncmp(url, "https://", 8) != 0 || url[8] == '\0' ||
	    strpbrk(url + 8, "/?# \t\"<>") != NULL)
		return ("public_url is https://host or https://host:port");
	return (mail_start(s));
}

/*
 * Renders the mail of a kind in a language: the subject, an empty line, the
 * text. Returns false when there is no template.
 */
static bool
mail_render(
    const char *kind, const char *language, json_t *model, struct buf *out)
{
	const struct embedded	*file;
	struct mustache		*template;
	char			 name[128], *why = NULL;

	(void)snprintf(name, sizeof(name), "templates/mail/%s.%s.txt", kind,
	    language);
	if ((file = embedded_get(name)) == NULL)
		return (false);
	template = mustache_parse(file->bytes, file->len,
	    strcmp(language, "en") == 0 ? LANG_EN : LANG_FR, &why);
	if (template == NULL)
		log_error("event=mail_template name=%s why=\"%s\"", name, why);
	else
		mustache_render_plain(template, model, out);
	mustache_free(template);
	free(why);
	return (out->len > 0);
}

/* Splits off the first line, the subject, in place. */
static const char *
text_after_subject(char *rendered)
{
	char	*end = rendered + strcspn(rendered, "\n");

	if (*end == '\0')
		return (end);
	*end++ = '\0';
	return (end + (*end == '\n'));
}

/*
 * Renders one of several notices as {"title", "text"}, the text without the
 * greeting and the end of a mail. Takes the values that all of them share from
 * the mail's model. Returns NULL when there is no template.
 */
static json_t *
notice_render(const char *language, json_t *model, json_t *notice)
{
	struct buf	 b = { NULL, 0, 0 };
	json_t		*values = json_copy(model);
	json_t		*out = NULL;
	const char	*kind, *text;

	json_object_update(values, notice);
	json_object_set_new(values, "merged", json_true());
	kind = json_string_value(json_object_get(notice, "kind"));
	if (mail_render(kind, language, values, &b)) {
		text = text_after_subject(b.data);
		while (*text == '\n')
			text++;
		while (b.len > 0 && b.data[b.len - 1] == '\n')
			b.data[--b.len] = '\0';
		out = json_pack("{s:s, s:s}", "title", b.data, "text", text);
	} else
		log_error("event=mail_template name=%s why=\"none\"", kind);
	buf_dispose(&b);
	json_decref(values);
	return (out);
}

/* Replaces the values of several notices with their texts. */
static void
notices_render(const char *language, json_t *model)
{
	json_t	*texts = json_array(), *notice, *text;
	size_t	 i;

	json_array_foreach(json_object_get(model, "notices"), i, notice) {
		text = notice_render(language, model, notice);
		if (text != NULL)
			json_array_append_new(texts, text);
	}
	json_object_set_new(model, "notices", texts);
}

/*
 * Returns the row's model, with the link to its secret if it has one, and with
 * the texts of notices if it has several.
 */
static json_t *
mail_model(const struct db_rows *rows, const char *token)
{
	const char	*prefix = db_text(rows, 0, "secret_after");
	json_t		*model;

	model = json_loads(db_text(rows, 0, "model"), 0, NULL);
	if (prefix != NULL)
		json_object_set_new(model, "link",
		    json_sprintf("%s%s", prefix, token));
	if (json_object_get(model, "notices") != NULL)
		notices_render(db_text(rows, 0, "language"), model);
	return (model);
}

static enum result
mail_deliver(struct post *p, const struct db_rows *rows, const char *token,
    char why[MAIL_WHY])
{
	json_t		*model = mail_model(rows, token);
	struct buf	 text = { NULL, 0, 0 };
	struct message	 m = { 0 };
	enum result	 r = INVALID;

	if (mail_render(db_text(rows, 0, "kind"), db_text(rows, 0, "language"),
	    model, &text)) {
		m.id = db_text(rows, 0, "id");
		m.date_ms = strtoll(db_text(rows, 0, "queued_ms"), NULL, 10);
		m.from = p->settings->mail_from;
		m.from_name = json_string_value(json_object_get(model,
		    "operator"));
		m.to = db_text(rows, 0, "email");
		m.text = text_after_subject(text.data);
		m.subject = text.data;
		r = mail_send(p->settings, &m, rounds_going, p->rounds, why);
	} else
		(void)snprintf(why, MAIL_WHY, "no template");
	buf_dispose(&text);
	json_decref(model);
	return (r);
}

/*
 * Stores the result of a mail. Returns false when the database is away: the
 * mail will be sent a second time.
 */
static bool
mail_record(struct post *p, const struct db_rows *rows, enum result r,
    const char *why)
{
	const char	*id = db_text(rows, 0, "id");
	const char	*params[3] = { id, why, r == INVALID ? "t" : "f" };
	struct db_rows	*answer;
	enum result	 done;

	if (r == OK)
		log_info("event=mail_sent mail=%s kind=%s", id,
		    db_text(rows, 0, "kind"));
	else
		log_warn("event=mail_failed mail=%s kind=%s again=%s "
		    "why=\"%s\"", id, db_text(rows, 0, "kind"),
		    r == INVALID ? "no" : "yes", why);
	done = db_run(p->db, r == OK ? SQL_JOBS_MAIL_SENT :
	    SQL_JOBS_MAIL_FAILED, NULL, params, r == OK ? 1 : 3, &answer);
	db_rows_free(answer);
	return (done == OK);
}

/*
 * Claims and sends one mail; *more is true when there may be others. Returns
 * false when the database is away.
 */
static bool
mail_send_one(struct post *p, bool *more)
{
	char		 token[TOKEN_TEXT], hash[TOKEN_TEXT];
	char		 why[MAIL_WHY] = "";
	const char	*params[2] = { hash, p->settings->public_url };
	struct db_rows	*rows;
	enum result	 r;
	bool		 ok;

	token_new(token);
	token_hash(token, hash);
	ok = db_run(p->db, SQL_JOBS_MAIL_CLAIM, NULL, params, 2, &rows) == OK;
	*more = ok && db_count(rows) > 0;
	if (*more) {
		r = mail_deliver(p, rows, token, why);
		ok = mail_record(p, rows, r, why);
		*more = r != UNAVAILABLE;
	}
	db_rows_free(rows);
	return (ok);
}

/* Answers the requests for links; returns false when the database is away. */
static bool
answer_requests(struct post *p)
{
	struct db_rows	*rows;
	enum result	 r;

	r = db_run(p->db, SQL_JOBS_MAIL_REQUESTS, NULL, NULL, 0, &rows);
	db_rows_free(rows);
	return (r == OK);
}

static bool
post_round(void *arg)
{
	struct post	*p = arg;
	bool		 more = true, ok;

	ok = rounds_database(&p->db, p->settings) && answer_requests(p);
	while (ok && more && rounds_going(p->rounds))
		ok = mail_send_one(p, &more);
	return (ok);
}

struct post *
post_start(const struct settings *s)
{
	struct post	*p = calloc(1, sizeof(*p));

	if (p == NULL)
		log_fatal("event=out_of_memory");
	p->settings = s;
	rounds_start(&p->rounds, ROUND_S, post_round, p);
	return (p);
}

void
post_stop(struct post *p)
{
	rounds_stop(p->rounds);
	db_close(p->db);
	free(p);
}
