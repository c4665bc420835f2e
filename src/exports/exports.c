/*
 * Handlers that request, list, show and cancel archives. The .sql files shape
 * the models, present.c makes the pages. making.c makes the archives, in
 * `smartrecord jobs`; download.c sends them.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "exports/exports.h"
#include "recordings/recordings.h"
#include "server/model.h"
#include "server/once.h"
#include "server/reply.h"
#include "server/server.h"

static void	export_created(struct ctx *, struct db_rows *, void *);

static bool
content_valid(const char *content)
{
	return (content != NULL && (strcmp(content, "audio") == 0 ||
	    strcmp(content, "transcript") == 0 ||
	    strcmp(content, "both") == 0));
}

void
export_create(struct ctx *c)
{
	const struct settings	*s = server_settings();
	const char		*params[7];

	params[1] = ctx_field(c, "content");
	if (!content_valid(params[1])) {
		reply_invalid(c, "content", "Le contenu (content) est audio, "
		    "transcript ou both.");
		return;
	}
	if (!once_key(c, &params[3]) ||
	    (params[0] = selection_of_request(c)) == NULL)
		return;
	params[2] = lang_tag(c->lang);
	params[4] = once_hash(c, params[1], params[0]);
	params[5] = arena_printf(&c->arena, "%lld",
	    (long long)s->export_person_mb * 1000000);
	params[6] = arena_printf(&c->arena, "%lld",
	    (long long)s->export_tenant_mb * 1000000);
	/* counts exactly, so it may take longer than a page of the list */
	ask_search(c, 0, SQL_EXPORTS_CREATE, params, 7, export_created, NULL);
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

/* Replies 409: the archives of the person or the tenant have too many bytes. */
static void
reply_full(struct ctx *c, const char *outcome)
{
	reply_problem_way(c, 409, "exports-full",
	    strcmp(outcome, "full_person") == 0 ?
	    "Vos archives occupent toute la place qui vous est réservée. "
	    "Supprimez-en une, ou attendez qu’elle disparaisse : une archive "
	    "est gardée un jour." :
	    "Les archives de votre entreprise occupent toute la place qui lui "
	    "est réservée. Supprimez l’une des vôtres, ou attendez : une "
	    "archive est gardée un jour.",
	    "/exports", "Voir mes exports");
}

/* Replies 202 with the export, or redirects to its page. */
static void
reply_accepted(struct ctx *c, json_t *export)
{
	const char	*id = json_string_value(json_object_get(export, "id"));

	reply_made(c, 202, arena_printf(&c->arena, "/exports/%s", id),
	    json_incref(export));
}

static void
export_created(struct ctx *c, struct db_rows *rows, void *arg)
{
	json_t		*answer;
	const char	*outcome;

	(void)arg;
	answer = model_of(rows);
	outcome = json_string_value(json_object_get(answer, "outcome"));
	if (strcmp(outcome, "empty") == 0)
		reply_invalid(c, "select", "Aucun enregistrement ne "
		    "correspond à cette sélection : cochez-en au moins un.");
	else if (strncmp(outcome, "busy", 4) == 0)
		reply_busy(c, outcome);
	else if (strncmp(outcome, "full", 4) == 0)
		reply_full(c, outcome);
	else if (once_done(c, outcome))
		reply_accepted(c, json_object_get(answer, "export"));
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
		ask(c, SQL_EXPORTS_LIST, params, 1, reply_model, NULL);
}

/* Runs a statement on the export of the path; replies 404 for a bad id. */
static void
query_one(struct ctx *c, enum sql sql, ask_answer answer)
{
	const char	*params[1] = { c->id };

	if (!uuid_valid(c->id))
		reply_result(c, NOT_FOUND);
	else
		ask(c, sql, params, 1, answer, NULL);
}

void
export_show(struct ctx *c)
{
	query_one(c, SQL_EXPORTS_SHOW, reply_model);
}

static void
export_cancelled(struct ctx *c, struct db_rows *rows, void *arg)
{
	if (db_count(rows) == 0 || c->surface == API)
		reply_model(c, rows, arg);
	else
		reply_redirect(c, arena_printf(&c->arena, "%s/exports",
		    c->base));
}

void
export_cancel(struct ctx *c)
{
	query_one(c, SQL_EXPORTS_CANCEL, export_cancelled);
}
