/* Finds the files that an ingest passes over, see passed_over.h. */
#include <stdlib.h>
#include <string.h>

#include "recordings/passed_over.h"

#define NAMES_MAX	20	/* names that are printed */

int
is_document(const struct dirent *entry)
{
	size_t	n = strlen(entry->d_name);

	return (entry->d_name[0] != '.' && n > 5 &&
	    strcmp(entry->d_name + n - 5, ".json") == 0);
}

static int
is_other(const struct dirent *entry)
{
	return (entry->d_name[0] != '.' && !is_document(entry));
}

void
passed_over_except(json_t *named, const json_t *document)
{
	const char	*file;

	file = json_string_value(json_object_get(
	    json_object_get(document, "audio"), "file"));
	if (file != NULL)
		(void)json_object_set_new(named, file, json_true());
}

static void
passed_over_print(FILE *out, struct dirent **entries, int n)
{
	int	 i;

	fprintf(out, "%d file%s passed over, neither NAME.json nor the audio "
	    "of a document: ", n, n == 1 ? "" : "s");
	for (i = 0; i < n && i < NAMES_MAX; i++)
		fprintf(out, "%s%s", i == 0 ? "" : ", ", entries[i]->d_name);
	fprintf(out, "%s\n", n > NAMES_MAX ? ", …" : "");
}

void
passed_over_show(FILE *out, const char *folder, const json_t *named)
{
	struct dirent	**entries;
	int		  i, kept = 0, n;

	if ((n = scandir(folder, &entries, is_other, alphasort)) < 0)
		return;
	for (i = 0; i < n; i++)
		if (json_object_get(named, entries[i]->d_name) != NULL)
			free(entries[i]);
		else
			entries[kept++] = entries[i];
	if (kept > 0)
		passed_over_print(out, entries, kept);
	for (i = 0; i < kept; i++)
		free(entries[i]);
	free(entries);
}
