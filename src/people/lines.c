/* A file of accounts as lines, see lines.h. */
#include <string.h>
#include <strings.h>

#include "base/csv.h"
#include "base/text.h"
#include "net/message.h"
#include "people/lines.h"
#include "people/number.h"

#define COLUMNS		7
#define CELLS_MAX	32
#define NAME_MAX_CHARS	100
#define KEY_MAX_CHARS	200
#define NUMBERS_MAX	20
#define REPLACED	"\xef\xbf\xbd"	/* what a reader makes of no UTF-8 */

enum column { KEY, LAST_NAME, FIRST_NAME, EMAIL, SITE, FIXED, MOBILE };

static const struct column_name {
	const char	*field;		/* of the JSON, and a heading */
	const char	*word;		/* for people, and a heading */
	const char	*plain;		/* the same without accents */
} columns[COLUMNS] = {
	[KEY] = { "key", "Identifiant", "identifiant" },
	[LAST_NAME] = { "last_name", "Nom", "nom" },
	[FIRST_NAME] = { "first_name", "Prénom", "prenom" },
	[EMAIL] = { "email", "E-mail", "mail" },
	[SITE] = { "site", "Site", "site" },
	[FIXED] = { "fixed", "Fixe", "fixe" },
	[MOBILE] = { "mobile", "Mobile", "mobile" },
};

static const struct {
	const char	*key;
	const char	*sentence;
} problems[] = {
	{ "cells", "La ligne n’a pas autant de cellules que l’en-tête." },
	{ "characters", "La cellule contient des caractères illisibles." },
	{ "too_long", "Le texte est trop long." },
	{ "needed", "La cellule est vide : un nouveau compte en a besoin." },
	{ "key_missing", "L’identifiant manque." },
	{ "key_twice", "Cet identifiant est sur plusieurs lignes." },
	{ "email_invalid", "Ce n’est pas une adresse e-mail." },
	{ "email_twice", "Cette adresse est sur plusieurs lignes." },
	{ "email_taken", "Cette adresse est celle d’un autre compte." },
	{ "email_stays", "L’adresse avec laquelle une personne se connecte, ou "
	    "qui a des droits, ne se change pas par un fichier." },
	{ "site_unknown", "Aucun site n’a ce nom ou cette clé, ou plusieurs "
	    "ont ce nom." },
	{ "number_invalid", "Ce n’est pas un numéro de téléphone." },
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

	for (i = 0; i < COLUMNS; i++)
		if (strcmp(columns[i].field, field) == 0)
			return (columns[i].word);
	return (NULL);
}

/* The text without spaces around it, in the arena. */
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

/* Which column each heading names; false: *problem says why not. */
static bool
read_headings(const char **cells, size_t count, struct arena *a,
    int where[COLUMNS], const char **problem)
{
	const char	*cell;
	size_t		 i, j;

	for (j = 0; j < COLUMNS; j++)
		where[j] = -1;
	for (i = 0; i < count && i < CELLS_MAX; i++) {
		cell = trimmed(a, cells[i]);
		for (j = 0; j < COLUMNS; j++)
			if (strcasecmp(cell, columns[j].field) == 0 ||
			    strcasecmp(cell, columns[j].word) == 0 ||
			    strcasecmp(cell, columns[j].plain) == 0)
				break;
		if (j == COLUMNS || where[j] >= 0 || count > CELLS_MAX) {
			*problem = "L’en-tête contient une colonne inconnue, "
			    "ou deux fois la même.";
			return (false);
		}
		where[j] = (int)i;
	}
	*problem = "L’en-tête n’a pas de colonne Identifiant.";
	return (where[KEY] >= 0);
}

/* ASCII in lower case: no address has more. */
static const char *
lower(struct arena *a, const char *text)
{
	char	*copy = arena_strdup(a, text), *p;

	for (p = copy; *p != '\0'; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	return (copy);
}

/* Numbers stand behind each other with a comma, a slash or a bar. */
static void
read_numbers(json_t *line, const char *field, const char *cell,
    struct arena *a)
{
	json_t		*list = json_array();
	const char	*number;
	size_t		 n;

	while (*cell != '\0') {
		n = strcspn(cell, ",;/|");
		number = number_read(a, cell, n);
		if (number == NULL ||
		    json_array_size(list) == NUMBERS_MAX) {
			add_error(line, field, "number_invalid");
			break;
		}
		json_array_append_new(list, json_string(number));
		cell += n + (cell[n] != '\0');
	}
	json_object_set_new(line, field, list);
}

static bool
readable(const char *text)
{
	uint32_t	code;

	for (; *text != '\0'; text += utf8_next(text, &code))
		if ((unsigned char)*text < ' ' || *text == 0x7f ||
		    (utf8_next(text, &code) > 1 && text_invisible(code)))
			return (false);
	return (true);
}

/* Empty cells are left out: they change nothing. */
static void
read_cell(json_t *line, enum column column, const char *cell, struct arena *a)
{
	const char	*field = columns[column].field;

	if (*cell == '\0')
		return;
	if (column == FIXED || column == MOBILE) {
		read_numbers(line, field, cell, a);
		return;
	}
	if (column == EMAIL && !address_valid(cell))
		add_error(line, field, "email_invalid");
	else if (!readable(cell))
		add_error(line, field, "characters");
	else if (utf8_length(cell) > (column == KEY ? KEY_MAX_CHARS :
	    NAME_MAX_CHARS) && column != EMAIL)
		add_error(line, field, "too_long");
	json_object_set_new(line, field, json_string(column == EMAIL ?
	    lower(a, cell) : cell));
}

static json_t *
read_line(int number, const char **cells, size_t count, size_t wanted,
    const int where[COLUMNS], struct arena *a)
{
	json_t	*line = json_pack("{s:i, s:[]}", "line", number, "errors");
	size_t	 j;

	if (count != wanted) {
		add_error(line, "line", "cells");
		return (line);
	}
	for (j = 0; j < COLUMNS; j++)
		if (where[j] >= 0)
			read_cell(line, (enum column)j, trimmed(a,
			    cells[where[j]]), a);
	if (json_object_get(line, "key") == NULL)
		add_error(line, "key", "key_missing");
	return (line);
}

/* NULL, or what is wrong with the text as such. */
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
fault(enum csv_next next)
{
	return (next == CSV_CONTROL ?
	    "La ligne contient des caractères illisibles." :
	    "Un guillemet n’est pas à sa place, ou n’est jamais fermé.");
}

/* The records behind the headings; NULL: *problem says why not. */
static json_t *
read_records(struct csv *c, const int where[COLUMNS], size_t wanted,
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
			*problem = fault(next);
		else if (json_array_size(lines) == LINES_MAX)
			*problem = "Le fichier dépasse 5 000 comptes : "
			    "partagez-le en plusieurs.";
		else
			json_array_append_new(lines, read_line(c->line, cells,
			    count, wanted, where, &a));
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
	int		 where[COLUMNS];

	*line = 0;
	if ((*problem = text_problem(csv, n)) != NULL)
		return (NULL);
	csv_open(&c, csv, n);
	next = csv_read(&c, &a, cells, CELLS_MAX, &count);
	if (next == CSV_END)
		lines = json_array();
	else if (next != CSV_RECORD)
		*problem = fault(next);
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
