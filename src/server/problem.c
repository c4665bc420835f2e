/*
 * Error replies. Each has a sentence that says what to do, and the id of the
 * request. They reveal nothing about data of other tenants.
 */
#include <stdlib.h>
#include <string.h>

#include "base/words.h"
#include "server/page.h"
#include "server/reply.h"

#define TYPE_PREFIX	"urn:smartrecord:problem:"

static const struct {
	enum result	 result;
	int		 status;
	const char	*type;
	const char	*retry_after;	/* seconds, or NULL */
	const char	*detail;
} outcomes[] = {
	{ NOT_FOUND, 404, "not-found", NULL,
	    "Cette page ou cet enregistrement n’existe pas, ou plus." },
	{ DENIED, 403, "forbidden", NULL,
	    "Votre profil de droits ne donne pas accès à cette page." },
	{ INVALID, 400, "invalid", NULL,
	    "Cette demande n’a pas de sens pour le service." },
	{ CONFLICT, 409, "conflict", NULL,
	    "La situation a changé entre-temps. Rechargez la page." },
	{ BUSY, 503, "busy", "2",
	    "Le service est très sollicité. Réessayez dans quelques "
	    "secondes." },
	{ CROWDED, 429, "too-many-at-once", "2",
	    "Votre organisation a déjà beaucoup de demandes en cours. "
	    "Réessayez dans quelques secondes." },
	{ UNAVAILABLE, 503, "unavailable", "5",
	    "Le service est momentanément indisponible. Réessayez dans "
	    "quelques instants : rien n’est perdu." },
	{ TOO_SLOW, 422, "search-too-slow", NULL,
	    "Cette recherche demande trop de temps. Resserrez-la : une "
	    "période plus courte, moins de mots ou des mots plus longs." },
	{ DAMAGED, 502, "audio-damaged", NULL,
	    "L’enregistrement est introuvable ou abîmé dans l’espace de "
	    "stockage. Signalez-le avec la référence ci-dessous." },
	{ FAILED, 500, "internal", NULL,
	    "Une erreur est survenue de notre côté. Elle est consignée : "
	    "réessayez, ou signalez-la avec la référence ci-dessous." },
};

static const struct {
	int		 status;
	const char	*title;
} titles[] = {
	{ 400, "Demande incorrecte" },
	{ 401, "Connexion nécessaire" },
	{ 403, "Accès refusé" },
	{ 404, "Introuvable" },
	{ 405, "Opération impossible" },
	{ 409, "La situation a changé" },
	{ 410, "Lien remplacé" },
	{ 415, "Type de contenu inattendu" },
	{ 422, "Recherche trop large" },
	{ 429, "Trop de demandes" },
	{ 500, "Erreur de notre côté" },
	{ 502, "Enregistrement abîmé" },
	{ 503, "Service indisponible" },
	{ 507, "Espace insuffisant" },
};

static const char *
title_of(enum lang lang, int status)
{
	size_t	i;

	for (i = 0; i < sizeof(titles) / sizeof(titles[0]); i++)
		if (titles[i].status == status)
			return (tr(lang, titles[i].title));
	return (tr(lang, "Erreur"));
}

static void
problem_api(struct ctx *c, int status, const char *type, const char *detail,
    const char *field, json_t *members)
{
	json_t	*problem;
	char	*text;

	problem = json_pack("{s:o, s:s, s:i, s:s, s:s*, s:s}", "type",
	    json_sprintf(TYPE_PREFIX "%s", type), "title",
	    title_of(c->lang, status), "status", status, "detail",
	    tr(c->lang, detail), "field", field, "request_id", c->request_id);
	if (members != NULL)
		json_object_update(problem, members);
	text = json_dumps(problem, JSON_COMPACT);
	reply_bytes(c, status, "application/problem+json", text,
	    strlen(text));
	free(text);
	json_decref(problem);
}

/* Replies with the error page, which has the link href unless it is NULL. A
 * signed-in person without access to the console gets a link to the board. */
static void
problem_page(struct ctx *c, int status, const char *detail, const char *href,
    const char *label)
{
	json_t	*error;

	if (href == NULL && status == 403 && c->surface == CONSOLE &&
	    c->person != NULL) {
		href = "/board/recordings";
		label = "Voir mes enregistrements";
	}
	error = json_pack("{s:i, s:s, s:s}", "status", status, "title",
	    title_of(c->lang, status), "detail", tr(c->lang, detail));
	if (href != NULL) {
		json_object_set_new(error, "action_href", json_string(href));
		json_object_set_new(error, "action_label",
		    json_string(tr(c->lang, label)));
	}
	page_of_error(c, status, error);
}

static void
problem_reply(struct ctx *c, int status, const char *type, const char *detail,
    const char *field)
{
	if (c->surface == API)
		problem_api(c, status, type, detail, field, NULL);
	else
		problem_page(c, status, detail, NULL, NULL);
}

void
reply_problem(struct ctx *c, int status, const char *type, const char *detail)
{
	problem_reply(c, status, type, detail, NULL);
}

void
reply_problem_with(struct ctx *c, int status, const char *type,
    const char *detail, json_t *members)
{
	if (c->surface == API)
		problem_api(c, status, type, detail, NULL, members);
	else
		problem_page(c, status, detail, NULL, NULL);
	json_decref(members);
}

void
reply_problem_way(struct ctx *c, int status, const char *type,
    const char *detail, const char *path, const char *label)
{
	const char	*href = arena_printf(&c->arena, "%s%s", c->base, path);

	if (c->surface != API) {
		problem_page(c, status, detail, href, label);
		return;
	}
	reply_header(c, "link", arena_printf(&c->arena,
	    "<%s>; rel=\"related\"", href));
	problem_api(c, status, type, detail, NULL, NULL);
}

void
reply_invalid(struct ctx *c, const char *field, const char *message)
{
	problem_reply(c, 400, "invalid", message, field);
}

/* Whose bound it is: a customer's, or that of a stranger's network. */
static const char *
detail_of(const struct ctx *c, size_t i)
{
	if (outcomes[i].result == CROWDED && c->person == NULL)
		return ("Beaucoup de demandes arrivent en ce moment de votre "
		    "réseau. Réessayez dans quelques secondes.");
	return (outcomes[i].detail);
}

void
reply_result(struct ctx *c, enum result result)
{
	size_t	i, n = sizeof(outcomes) / sizeof(outcomes[0]);

	for (i = 0; i < n - 1 && outcomes[i].result != result; i++)
		continue;
	if (outcomes[i].retry_after != NULL)
		reply_header(c, "retry-after", outcomes[i].retry_after);
	problem_reply(c, outcomes[i].status, outcomes[i].type, detail_of(c, i),
	    NULL);
}
