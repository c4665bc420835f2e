/*
 * Acts that wait for a second person: the page of those who may confirm them,
 * the contract holder's link, and `smartrecord confirm`. The rules are in
 * functions/confirm.sql.
 */
#include <string.h>

#include "base/text.h"
#include "base/token.h"
#include "db/command.h"
#include "people/people.h"
#include "server/access.h"
#include "server/form.h"
#include "server/model.h"
#include "server/reply.h"

void
confirmations_list(struct ctx *c)
{
	ask(c, SQL_PEOPLE_CONFIRMATIONS, NULL, 0, reply_model, NULL);
}

/* Returns "true" or "false", the decision of the form; NULL after a 400. */
static const char *
read_decision(struct ctx *c)
{
	const char	*outcome = ctx_field(c, "outcome");

	if (outcome != NULL && strcmp(outcome, "confirmed") == 0)
		return ("true");
	if (outcome != NULL && strcmp(outcome, "refused") == 0)
		return ("false");
	reply_invalid(c, "outcome", "La décision (outcome) est confirmed ou "
	    "refused.");
	return (NULL);
}

/* --- on the console and in the API ---------------------------------------- */

/* Replies with the refusal; a page shows it above the list. */
static void
decision_refused(struct ctx *c, enum result result, struct db_rows *rows)
{
	static const struct form_page	 page = {
		"people/confirmations", present_confirmations,
		SQL_PEOPLE_CONFIRMATIONS
	};

	if (result == DENIED) {
		access_refused(c);
		reply_problem_way(c, 403, "forbidden", db_message(rows),
		    "/confirmations", "Revenir aux confirmations");
	} else
		form_refused(c, result, rows, &page, NULL, 0);
}

static void
decision_made(
    struct ctx *c, enum result result, struct db_rows *rows, void *arg)
{
	json_t	*answer;

	(void)arg;
	if (result != OK && db_message(rows) != NULL)
		decision_refused(c, result, rows);
	else if (result != OK)
		reply_result(c, result);
	else if ((answer = model_of(rows)) == NULL)
		reply_result(c, NOT_FOUND);
	else if (c->surface == API)
		reply_value(c, 200, answer);
	else {
		reply_redirect(c, arena_printf(&c->arena,
		    "%s/confirmations?done=%s", c->base,
		    get(answer, "outcome")));
		json_decref(answer);
	}
}

void
confirmation_decide(struct ctx *c)
{
	const char	*params[2] = { c->id, NULL };

	if (!uuid_valid(c->id))
		reply_result(c, NOT_FOUND);
	else if ((params[1] = read_decision(c)) != NULL)
		ask_all(c, SQL_PEOPLE_CONFIRMATION_DECIDE, params, 2,
		    decision_made, NULL);
}

static void
notice_marked(struct ctx *c, struct db_rows *rows, void *arg)
{
	(void)arg;
	if (strcmp(db_value(rows, 0, 0), "t") != 0)
		reply_result(c, NOT_FOUND);
	else if (c->surface == API)
		reply_empty(c);
	else
		reply_redirect(c, arena_printf(&c->arena, "%s/confirmations",
		    c->base));
}

void
notice_seen(struct ctx *c)
{
	const char	*params[1] = { c->id };

	if (!uuid_valid(c->id))
		reply_result(c, NOT_FOUND);
	else
		ask(c, SQL_PEOPLE_NOTICE_SEEN, params, 1, notice_marked,
		    NULL);
}

/* --- the contract holder's link ------------------------------------------- */

static void
reply_link_over(struct ctx *c)
{
	reply_problem(c, 404, "link-over", "Ce lien a déjà servi, ou son "
	    "temps est passé, ou une autre personne a décidé.");
}

static void
link_shown(struct ctx *c, struct db_rows *rows, void *arg)
{
	if (db_value(rows, 0, 0) == NULL)
		reply_link_over(c);
	else
		reply_model(c, rows, arg);
}

/* Returns the hash of the link's secret in the arena; NULL after a 404. */
static const char *
link_hash(struct ctx *c)
{
	char	hash[TOKEN_TEXT];

	if (!token_valid(c->id)) {
		reply_link_over(c);
		return (NULL);
	}
	token_hash(c->id, hash);
	return (arena_strdup(&c->arena, hash));
}

void
confirmation_link_page(struct ctx *c)
{
	const char	*params[1] = { link_hash(c) };

	if (params[0] != NULL)
		ask(c, SQL_PEOPLE_CONFIRMATION_LINK_FIND, params, 1,
		    link_shown, NULL);
}

static void
link_decided(struct ctx *c, struct db_rows *rows, void *arg)
{
	json_t	*answer = model_of(rows);

	(void)arg;
	if (answer == NULL)
		reply_link_over(c);
	else
		reply_page(c, 200, "people/confirmation_link",
		    present_confirmation_link, answer);
}

void
confirmation_link_use(struct ctx *c)
{
	const char	*params[2] = { link_hash(c), NULL };

	if (params[0] != NULL && (params[1] = read_decision(c)) != NULL)
		ask(c, SQL_PEOPLE_CONFIRMATION_LINK_USE, params, 2,
		    link_decided, NULL);
}

/* --- smartrecord confirm -------------------------------------------------- */

static int
confirm_list(const struct settings *s, const struct verb *verb, int argc,
    char **argv)
{
	const char		*tenant = NULL;
	struct command_style	 style = { 0 };
	const struct option	 options[] = {
		{ .name = "--tenant", .text = &tenant },
		{ .name = "--json", .flag = &style.json },
		{ .name = NULL }
	};

	if (!options_parse(verb, argc, argv, options, NULL, 0))
		return (2);
	return (db_command(s, SQL_PEOPLE_CONFIRM_LIST, &tenant, 1, &style));
}

/* Confirms or refuses, as the verb's name says. */
static int
confirm_decide(const struct settings *s, const struct verb *verb, int argc,
    char **argv)
{
	const char		*params[2] = { NULL };
	struct command_style	 style = { 0 };
	const struct option	 options[] = {
		{ .name = "--json", .flag = &style.json },
		{ .name = NULL }
	};

	if (!options_parse(verb, argc, argv, options, params, 1))
		return (2);
	params[1] = strcmp(verb->name, "accept") == 0 ? "true" : "false";
	return (db_command(s, SQL_PEOPLE_CONFIRM_COMMAND, params, 2, &style));
}

int
command_confirm(const struct settings *s, int argc, char **argv)
{
	static const struct verb	 verbs[] = {
		{ "list", "confirm list [--tenant TENANT] [--json]",
		    confirm_list },
		{ "accept", "confirm accept ID [--json]", confirm_decide },
		{ "refuse", "confirm refuse ID [--json]", confirm_decide },
		{ NULL, NULL, NULL }
	};

	return (verb_run(verbs, s, argc, argv));
}
