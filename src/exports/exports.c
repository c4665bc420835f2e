/*
 * Archives asked for, looked at and cancelled. What they hold is shaped by
 * the .sql files, what pages show of it by present.c; they are made by
 * making.c in `smartrecord jobs`, and downloaded through download.c.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "exports/exports.h"
#include "recordings/recordings.h"
#include "server/model.h"
#include "server/once.h"
#include "server/reply.h"

static void	created(struct ctx *, enum result, struct db_rows *);

static bool
known_content(const char *content)
{
	return (content != NULL && (strcmp(content, "audio") == 0 ||
	    strcmp(content, "transcript") == 0 ||
	    strcmp(content, "both") == 0));
}

static void
create(struct ctx *c, const struct selection *s, const char *content,
    const char *key)
{
	const char	*params[5];

	params[0] = selection_text(s, &c->arena);
	params[1] = content;
	params[2] = lang_tag(c->lang);
	params[3] = key;
	params[4] = once_hash(c, content, params[0]);
	if (s->own)
		c->scope.team = "";
	ask(c, SQL_EXPORTS_CREATE, params, 5, created);
}

void
export_create(struct ctx *c)
{
	const char		*content = ctx_field(c, "content");
	const char		*key;
	struct selection	 s;
	enum result		 r;

	if (!known_content(content)) {
		reply_invalid(c, "content", "Le contenu (content) est audio, "
		    "transcript ou both.");
		return;
	}
	if (!once_key(c, &key))
		return;
	r = c->surface == API ?
	    selection_of_json(&s, json_object_get(c->body, "select")) :
	    selection_of_form(&s, &c->form);
	if (r != OK) {
		reply_invalid(c, s.field, s.problem);
		return;
	}
	create(c, &s, content, key);
	selection_dispose(&s);
}

static void
reply_busy(struct ctx *c, const char *outcome)
{
	reply_header(c, "retry-after", "30");
	reply_problem_way(c, 429, "exports-busy",
	    strcmp(outcome, "busy_person") == 0 ?
	    "Deux de vos archives sont déjà en préparation. Attendez que "
	    "l’une d’elles soit prête, ou annulez-la." :
	    "Cinq archives sont déjà en préparation pour votre entreprise. "
	    "Réessayez dans quelques minutes.",
	    "/exports", "Voir mes exports");
}

static void
reply_refused(struct ctx *c, const char *outcome)
{
	if (strcmp(outcome, "conflict") == 0)
		once_conflict(c);
	else if (strcmp(outcome, "empty") == 0)
		reply_invalid(c, "select", "Aucun enregistrement ne "
		    "correspond à cette sélection : cochez-en au moins un.");
	else
		reply_busy(c, outcome);
}

/* 202 with the archive to come, or its page. */
static void
reply_accepted(struct ctx *c, json_t *export)
{
	const char	*id = json_string_value(json_object_get(export, "id"));

	reply_made(c, 202, arena_printf(&c->arena, "/exports/%s", id),
	    json_incref(export));
}

static void
created(struct ctx *c, enum result result, struct db_rows *rows)
{
	json_t		*answer;
	const char	*outcome;

	(void)result;
	answer = model_of(rows);
	outcome = json_string_value(json_object_get(answer, "outcome"));
	if (strcmp(outcome, "created") == 0 || strcmp(outcome, "exists") == 0)
		reply_accepted(c, json_object_get(answer, "export"));
	else
		reply_refused(c, outcome);
	json_decref(answer);
}

void
exports_list(struct ctx *c)
{
	const char	*params[1] = { params_get(&c->query, "after") };

	if (params[0] != NULL && !uuid_valid(params[0]))
		reply_invalid(c, "after", "Le repère de page n’est plus "
		    "valable. Revenez à la première page.");
	else
		ask(c, SQL_EXPORTS_LIST, params, 1, reply_model);
}

/* Asks about the archive that the path names. */
static void
ask_one(struct ctx *c, enum sql sql, ask_answer answer)
{
	const char	*params[1] = { c->id };

	if (!uuid_valid(c->id))
		reply_result(c, NOT_FOUND);
	else
		ask(c, sql, params, 1, answer);
}

void
export_show(struct ctx *c)
{
	ask_one(c, SQL_EXPORTS_SHOW, reply_model);
}

static void
cancelled(struct ctx *c, enum result result, struct db_rows *rows)
{
	if (db_count(rows) == 0 || c->surface == API)
		reply_model(c, result, rows);
	else
		reply_redirect(c, arena_printf(&c->arena, "%s/exports",
		    c->base));
}

void
export_cancel(struct ctx *c)
{
	ask_one(c, SQL_EXPORTS_CANCEL, cancelled);
}
