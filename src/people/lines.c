/* Reads a file of accounts into lines, see lines.h. */
#include <string.h>
#include <strings.h>

#include "base/csv.h"
#include "base/text.h"
#include "net/message.h"
#include "people/lines.h"

#define CELLS_MAX	32
#define NAME_MAX_CHARS	100
#define KEY_MAX_CHARS	200
#define NUMBERS_MAX	1280	/* bytes of a cell of numbers */
#define REPLACED	"\xef\xbf\xbd"	/* U+FFFD: the text was not UTF-8 */

static const struct column_name {
	const char	*field;		/* of the JSON, and a heading */
	const char	*word;		/* for people, and a heading */
	const char	*plain;		/* also accepted: without accents */
} columns[LINE_CELLS] = {
	[LINE_KEY] = { "key", "Identifiant", "identifiant" },
	[LINE_LAST_NAME] = { "last_name", "Nom", "nom" },
	[LINE_FIRST_NAME] = { "first_name", "Prénom", "prenom" },
	[LINE_EMAIL] = { "email", "E-mail", "mail" },
	[LINE_SITE] = { "site", "Site", "site" },
	[LINE_FIXED] = { "fixed", "Fixe", "fixe" },
	[LINE_MOBILE] = { "mobile", "Mobile", "mobile" },
};

static const struct {
	const char	*key;
	const char	*sentence;
} problems[] = {
	{ "cells", "La ligne n’a pas autant de cellules que l’en-tête." },
	{ "characters", "La cellule contient des caractères illisibles." },
	{ "too_long", "Le texte est trop long." },
	{ "name_unfit", "Un nom ne contient ni « :// », ni retour à la ligne, "
	    "ni mot de plus de 60 caractères." },
	{ "needed", "La cellule est vide : un nouveau compte en a besoin." },
	{ "key_missing", "L’identifiant manque." },
	{ "key_twice", "Cet identifiant est sur plusieurs lignes." },
	{ "email_invalid", "Ce n’est pas une adresse e-mail." },
	{ "email_twice", "Cette adresse est sur plusieurs lignes." },
	{ "email_taken", "Cette adresse est celle d’un autre compte." },
	{ "email_stays", "Votre propre adresse, et celle du dernier "
	    "administrateur, ne se changent pas par un fichier." },
	{ "site_unknown", "Aucun site n’a ce nom ou cette clé, ou plusieurs "
	    "ont ce nom." },
	{ "number_invalid", "Ce n’est pas un numéro de téléphone." },
	{ "number_extension", "Le numéro est suivi d’un poste : écrivez le "
	    "numéro seul." },
	{ "number_country", "Aucun pays n’a l’indicatif de ce numéro." },
	{ "number_length", "Ce numéro n’existe pas : son pays n’a pas de "
	    "numéro de cette longueur." },
	{ "number_national", "Un numéro qui commence par 0 a dix chiffres : "
	    "06 13 24 10 88." },
	{ "number_twice", "Ce numéro est plusieurs fois dans le fichier." },
	{ "number_own", "Personne ne se donne à soi-même un numéro : "
	    "demandez-le à un autre administrateur." },
	{ "number_taken", "Ce numéro est celui d’un autre compte." },
};

const char *
lines_problem(const char *key)
{
	size_t	i;

	for (i = 0; i < sizeof(problems) / sizeof(problems[0]) - 1; i++)
		if (strcmp(problems[i].key, key) == 0)
			break;
	return (problems[i].sentence);
}

const char *
lines_field(const char *field)
{
	size_t	i;

	for (i = 0; i < LINE_CELLS; i++)
		if (strcmp(columns[i].field, field) == 0)
			return (columns[i].word);
	return (NULL);
}

const char *
line_field(enum line_cell cell)
{
	return (columns[cell].field);
}

/* Returns the text without blanks around it, in the arena. */
static const char *
trimmed(struct arena *a, const char *text)
{
	size_t	n;

	text += strspn(text, " \t\r\n");
	for (n = strlen(text); n > 0 && strchr(" \t\r\n", text[n - 1]); n--)
		continue;
	return (arena_strndup(a, text, n));
}

static void
add_error(json_t *line, const char *field, const char *problem)
{
	json_array_append_new(json_object_get(line, "errors"),
	    json_pack("{s:s, s:s}", "field", field, "problem", problem));
}

/*
 * Finds the column of each field by the headings: where[field], or -1. Returns
 * false and sets *problem for an unknown or repeated heading, or without a key.
 */
static bool
read_headings(const char **cells, size_t count, struct arena *a,
    int where[LINE_CELLS], const char **problem)
{
	const char	*cell;
	size_t		 i, j;

	for (j = 0; j < LINE_CELLS; j++)
		where[j] = -1;
	for (i = 0; i < count && i < CELLS_MAX; i++) {
		cell = trimmed(a, cells[i]);
		for (j = 0; j < LINE_CELLS; j++)
			if (strcasecmp(cell, columns[j].field) == 0 ||
			    strcasecmp(cell, columns[j].word) == 0 ||
			    strcasecmp(cell, columns[j].plain) == 0)
				break;
		if (j == LINE_CELLS || where[j] >= 0 || count > CELLS_MAX) {
			*problem = "L’en-tête contient une colonne inconnue, "
			    "ou deux fois la même.";
			return (false);
		}
		where[j] = (int)i;
	}
	*problem = "L’en-tête n’a pas de colonne Identifiant.";
	return (where[LINE_KEY] >= 0);
}

/* Returns a copy in ASCII lower case; e-mail addresses are ASCII here. */
static const char *
lower(struct arena *a, const char *text)
{
	char	*copy = arena_strdup(a, text), *p;

	for (p = copy; *p != '\0'; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	return (copy);
}

/*
 * Sets the numbers of a cell, as a list with the whole cell: the database
 * parts and interprets them, see number_list().
 */
static void
read_number_cell(json_t *line, const char *field, const char *cell)
{
	if (strlen(cell) > NUMBERS_MAX)
		add_error(line, field, "number_invalid");
	json_object_set_new(line, field, strlen(cell) > NUMBERS_MAX ?
	    json_array() : json_pack("[s]", cell));
}

/* Returns false when the text has control or invisible characters. */
static bool
cell_readable(const char *text)
{
	uint32_t	code;

	for (; *text != '\0'; text += utf8_next(text, &code))
		if ((unsigned char)*text < ' ' || *text == 0x7f ||
		    (utf8_next(text, &code) > 1 && text_invisible(code)))
			return (false);
	return (true);
}

/* Adds a cell to the line; an empty cell adds nothing and changes nothing. */
static void
read_cell(
    json_t *line, enum line_cell column, const char *cell, struct arena *a)
{
	const char	*field = columns[column].field;

	if (*cell == '\0')
		return;
	if (column == LINE_FIXED || column == LINE_MOBILE) {
		read_number_cell(line, field, cell);
		return;
	}
	if (column == LINE_EMAIL && !address_valid(cell))
		add_error(line, field, "email_invalid");
	else if (!cell_readable(cell))
		add_error(line, field, "characters");
	else if (utf8_length(cell) > (column == LINE_KEY ? KEY_MAX_CHARS :
	    NAME_MAX_CHARS) && column != LINE_EMAIL)
		add_error(line, field, "too_long");
	json_object_set_new(line, field, json_string(column == LINE_EMAIL ?
	    lower(a, cell) : cell));
}

json_t *
line_read(int number, const char *const cells[LINE_CELLS])
{
	struct arena	 a = { NULL };
	json_t		*line = json_pack("{s:i, s:[]}", "line", number,
			    "errors");
	size_t		 j;

	for (j = 0; j < LINE_CELLS; j++)
		if (cells[j] != NULL)
			read_cell(line, (enum line_cell)j,
			    trimmed(&a, cells[j]), &a);
	if (json_object_get(line, "key") == NULL)
		add_error(line, "key", "key_missing");
	arena_dispose(&a);
	return (line);
}

/*
 * Returns the line of a record, whose cells are in the order of the headings.
 */
static json_t *
read_record(int number, const char **cells, size_t count, size_t wanted,
    const int where[LINE_CELLS], struct arena *a)
{
	const char	*sorted[LINE_CELLS];
	json_t		*line;
	size_t		 j;

	if (count != wanted) {
		line = json_pack("{s:i, s:[]}", "line", number, "errors");
		add_error(line, "line", "cells");
		return (line);
	}
	for (j = 0; j < LINE_CELLS; j++)
		sorted[j] = where[j] < 0 ? NULL :
		    csv_unguarded(a, cells[where[j]]);
	return (line_read(number, sorted));
}

/* Returns what is wrong with the whole text, or NULL. */
static const char *
text_problem(const char *csv, size_t n)
{
	if (n > FILE_MAX)
		return ("Le fichier dépasse 1 Mo : partagez-le en plusieurs.");
	if (strstr(csv, REPLACED) != NULL)
		return ("Le fichier n’est pas en UTF-8 : enregistrez-le au "
		    "format « CSV UTF-8 » et recommencez.");
	return (NULL);
}

static const char *
csv_fault(enum csv_next next)
{
	return (next == CSV_CONTROL ?
	    "La ligne contient des caractères illisibles." :
	    "Un guillemet n’est pas à sa place, ou n’est jamais fermé.");
}

/* Returns the records after the headings; NULL with *problem set. */
static json_t *
read_records(struct csv *c, const int where[LINE_CELLS], size_t wanted,
    const char **problem)
{
	const char	*cells[CELLS_MAX];
	struct arena	 a = { NULL };
	json_t		*lines = json_array();
	enum csv_next	 next;
	size_t		 count;

	*problem = NULL;
	while (*problem == NULL && (next = csv_read(c, &a, cells, CELLS_MAX,
	    &count)) != CSV_END) {
		if (next != CSV_RECORD)
			*problem = csv_fault(next);
		else if (json_array_size(lines) == LINES_MAX)
			*problem = "Le fichier dépasse 5 000 comptes : "
			    "partagez-le en plusieurs.";
		else
			json_array_append_new(lines, read_record(c->line,
			    cells, count, wanted, where, &a));
		arena_dispose(&a);
	}
	if (*problem != NULL) {
		json_decref(lines);
		return (NULL);
	}
	return (lines);
}

json_t *
lines_read(const char *csv, size_t n, const char **problem, int *line)
{
	const char	*cells[CELLS_MAX];
	struct arena	 a = { NULL };
	struct csv	 c;
	json_t		*lines = NULL;
	enum csv_next	 next;
	size_t		 count;
	int		 where[LINE_CELLS];

	*line = 0;
	if ((*problem = text_problem(csv, n)) != NULL)
		return (NULL);
	csv_open(&c, csv, n);
	next = csv_read(&c, &a, cells, CELLS_MAX, &count);
	if (next == CSV_END)
		lines = json_array();
	else if (next != CSV_RECORD)
		*problem = csv_fault(next);
	else if (read_headings(cells, count, &a, where, problem))
		lines = read_records(&c, where, count, problem);
	arena_dispose(&a);
	if (lines == NULL)
		*line = c.line;
	if (json_array_size(lines) > 0)
		return (lines);
	if (lines != NULL)
		*problem = "Le fichier est vide : collez un en-tête et une "
		    "ligne par compte.";
	json_decref(lines);
	return (NULL);
}
