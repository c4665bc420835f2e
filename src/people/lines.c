/* Reads a file of accounts into lines, see lines.h. */
#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "base/normal.h"
#include "base/text.h"
#include "net/message.h"
#include "people/lines.h"

#define CELLS_MAX	64
#define NAME_MAX_CHARS	100
#define KEY_MAX_CHARS	200
#define NUMBERS_MAX	1280	/* bytes of a cell of numbers */
#define REPLACED	"\xef\xbf\xbd"	/* U+FFFD: the text was not UTF-8 */

static const struct column_name {
	const char	*field;		/* of the JSON */
	const char	*word;		/* for people */
	const char	*headings[3];	/* see text_folded() */
} columns[LINE_CELLS] = {
	[LINE_KEY] = { "key", "Identifiant", { "key", "identifiant" } },
	[LINE_LAST_NAME] = { "last_name", "Nom", { "lastname", "nom" } },
	[LINE_FIRST_NAME] = { "first_name", "Prénom",
	    { "firstname", "prenom" } },
	[LINE_EMAIL] = { "email", "E-mail", { "email", "mail" } },
	[LINE_SITE] = { "site", "Site", { "site" } },
	[LINE_FIXED] = { "fixed", "Fixe", { "fixed", "fixe" } },
	[LINE_MOBILE] = { "mobile", "Mobile", { "mobile" } },
};

/* The columns of a file, by its headings. */
struct sheet {
	int	where[LINE_CELLS];	/* column of each cell, or -1 */
	size_t	columns;		/* cells of the row of headings */
	size_t	needed;			/* cells that a row has at least */
	bool	named[CELLS_MAX];	/* has the column a heading? */
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
	{ "heading_missing", "Cette colonne n’a pas d’en-tête : donnez-lui-en "
	    "un, ou videz-la." },
	{ "scientific", "Excel a changé cette cellule en nombre arrondi : "
	    "mettez la colonne au format Texte, puis saisissez la valeur à "
	    "nouveau, en entier." },
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
	/* a column without heading has its letters */
	return (field[0] >= 'A' && field[0] <= 'Z' ? field : NULL);
}

const char *
line_field(enum line_cell cell)
{
	return (columns[cell].field);
}

/* Returns the text composed, without blanks around it, in the arena. */
static const char *
trimmed(struct arena *a, const char *text)
{
	char		*composed = text_nfc(text);
	const char	*start;
	size_t		 n;

	start = text_trim(composed == NULL ? text : composed, &n);
	start = arena_strndup(a, start, n);
	free(composed);
	return (start);
}

static void
add_error(json_t *line, const char *field, const char *problem)
{
	json_array_append_new(json_object_get(line, "errors"),
	    json_pack("{s:s, s:s}", "field", field, "problem", problem));
}

/* Returns the cell that the heading names; LINE_CELLS: none. */
static enum line_cell
heading_cell(const char *heading)
{
	char	*folded = text_folded(heading);
	size_t	 i, j;

	for (j = 0; folded != NULL && j < LINE_CELLS; j++)
		for (i = 0; i < 3 && columns[j].headings[i] != NULL; i++)
			if (strcmp(folded, columns[j].headings[i]) == 0) {
				free(folded);
				return ((enum line_cell)j);
			}
	free(folded);
	return (LINE_CELLS);
}

/* Returns what is wrong with the heading of column i, or NULL. */
static const char *
read_heading(struct sheet *s, const char *heading, size_t i)
{
	enum line_cell	cell;

	s->named[i] = *heading != '\0';
	if (!s->named[i])
		return (NULL);
	cell = heading_cell(heading);
	if (cell == LINE_CELLS || s->where[cell] >= 0)
		return ("L’en-tête contient une colonne inconnue, ou deux fois "
		    "la même.");
	s->where[cell] = (int)i;
	/* Excel leaves out empty cells at the end of a row */
	if (cell != LINE_FIXED && cell != LINE_MOBILE)
		s->needed = i + 1;
	return (NULL);
}

/*
 * Finds the columns by the headings; those after the first filled are blank.
 * Returns false and sets *problem for an unknown or repeated heading, or
 * without a key.
 */
static bool
read_headings(struct sheet *s, const char **cells, size_t count, size_t filled,
    struct arena *a, const char **problem)
{
	size_t	i;

	*s = (struct sheet){ .columns = count };
	for (i = 0; i < LINE_CELLS; i++)
		s->where[i] = -1;
	*problem = filled > CELLS_MAX ? "L’en-tête contient une colonne "
	    "inconnue, ou deux fois la même." : NULL;
	for (i = 0; *problem == NULL && i < filled; i++)
		*problem = read_heading(s, trimmed(a, cells[i]), i);
	if (*problem == NULL && s->where[LINE_KEY] < 0)
		*problem = "L’en-tête n’a pas de colonne Identifiant.";
	return (*problem == NULL);
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

/* Returns the length of a number as spreadsheets shorten it, "3,318E+10", at
 * the start of the text, or 0. */
static size_t
scientific_length(const char *text)
{
	size_t	n = strspn(text, "+-"), digits;

	if ((digits = strspn(text + n, "0123456789")) == 0)
		return (0);
	n += digits;
	if (text[n] == ',' || text[n] == '.')
		n += 1 + strspn(text + n + 1, "0123456789");
	if ((text[n] != 'E' && text[n] != 'e') || text[n + 1] != '+' ||
	    (digits = strspn(text + n + 2, "0123456789")) == 0)
		return (0);
	return (n + 2 + digits);
}

/* Returns whether a cell, or a part of it, is such a number. */
static bool
is_scientific(const char *cell)
{
	const char	*p;
	size_t		 n;

	for (p = cell;; p++) {
		p += strspn(p, " /;|\n");
		if (*p == '\0')
			return (false);
		n = scientific_length(p);
		if (n > 0 && (p[n] == '\0' || strchr(" /;|\n", p[n]) != NULL))
			return (true);
		p += strcspn(p, "/;|\n");
		if (*p == '\0')
			return (false);
	}
}

/*
 * Sets the numbers of a cell, as a list with the whole cell: the database
 * parts and interprets them, see number_list().
 */
static void
read_number_cell(json_t *line, const char *field, const char *cell)
{
	const char	*problem = strlen(cell) > NUMBERS_MAX ?
			    "number_invalid" : is_scientific(cell) ?
			    "scientific" : NULL;

	if (problem != NULL)
		add_error(line, field, problem);
	json_object_set_new(line, field, problem != NULL ? json_array() :
	    json_pack("[s]", cell));
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
	else if (column == LINE_KEY && cell[scientific_length(cell)] == '\0')
		add_error(line, field, "scientific");
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

/* Adds an error for each cell of a column without heading: it has the letters
 * of the column in a spreadsheet. */
static void
refuse_unnamed(json_t *line, const struct sheet *s, const char **cells,
    size_t filled)
{
	char	letters[3];
	size_t	i, n;

	for (i = 0; i < filled; i++) {
		(void)text_trim(cells[i], &n);
		if (n == 0 || s->named[i])
			continue;
		n = 0;
		if (i >= 26)
			letters[n++] = (char)('A' + i / 26 - 1);
		letters[n++] = (char)('A' + i % 26);
		letters[n] = '\0';
		add_error(line, letters, "heading_missing");
	}
}

/*
 * Returns the line of a record of count cells, which are in the order of the
 * headings; filled of them are not all blank.
 */
static json_t *
read_record(const struct csv *c, const struct sheet *s, const char **cells,
    size_t count, struct arena *a)
{
	const char	*sorted[LINE_CELLS];
	json_t		*line;
	size_t		 j;

	if (count < s->needed || c->filled > s->columns ||
	    c->filled > CELLS_MAX) {
		line = json_pack("{s:i, s:[]}", "line", c->line, "errors");
		add_error(line, "line", "cells");
		return (line);
	}
	for (j = 0; j < LINE_CELLS; j++)
		sorted[j] = s->where[j] < 0 || (size_t)s->where[j] >= count ?
		    NULL : csv_unguarded(a, cells[s->where[j]]);
	line = line_read(c->line, sorted);
	refuse_unnamed(line, s, cells, c->filled);
	return (line);
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

/* Reads the next record that is not all blank. */
static enum csv_next
next_record(struct csv *c, struct arena *a, const char **cells, size_t *count)
{
	enum csv_next	next;

	while ((next = csv_read(c, a, cells, CELLS_MAX, count)) == CSV_RECORD &&
	    c->filled == 0)
		continue;
	return (next);
}

/* Returns the records after the headings; NULL with *problem set. */
static json_t *
read_records(struct csv *c, const struct sheet *s, const char **problem)
{
	const char	*cells[CELLS_MAX];
	struct arena	 a = { NULL };
	json_t		*lines = json_array();
	enum csv_next	 next;
	size_t		 count;

	*problem = NULL;
	while (*problem == NULL && (next = next_record(c, &a, cells,
	    &count)) != CSV_END) {
		if (next != CSV_RECORD)
			*problem = csv_fault(next);
		else if (json_array_size(lines) == LINES_MAX)
			*problem = "Le fichier dépasse 5 000 comptes : "
			    "partagez-le en plusieurs.";
		else
			json_array_append_new(lines, read_record(c, s, cells,
			    count, &a));
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
	struct sheet	 s;

	*line = 0;
	if ((*problem = text_problem(csv, n)) != NULL)
		return (NULL);
	csv_open(&c, csv, n);
	next = next_record(&c, &a, cells, &count);
	if (next == CSV_END)
		lines = json_array();
	else if (next != CSV_RECORD)
		*problem = csv_fault(next);
	else if (read_headings(&s, cells, count, c.filled, &a, problem))
		lines = read_records(&c, &s, problem);
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
