/*
 * The audio of a document being ingested, see ingest_audio.h. The store's key
 * comes from the recording (tenant and source_id), never from the audio's
 * content: two recordings with the same audio each own their object.
 */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/options.h"
#include "base/text.h"
#include "media/import.h"
#include "media/source.h"
#include "recordings/ingest_audio.h"

#define PATH_SIZE	4096
#define HEX_SIZE	(2 * crypto_hash_sha256_BYTES + 1)
#define NOTED_S		0.02	/* a smaller difference is one packet's */

static const char *
document_text(const json_t *object, const char *name)
{
	const char	*text;

	text = json_string_value(json_object_get(object, name));
	return (text == NULL ? "" : text);
}

/* Sets the SHA-256 and the number of bytes of a file. */
static bool
file_digest(const char *path, char hex[HEX_SIZE], json_int_t *total)
{
	crypto_hash_sha256_state	state;
	unsigned char			hash[crypto_hash_sha256_BYTES];
	unsigned char			bytes[65536];
	FILE				*file;
	size_t				n;
	bool				ok;

	if ((file = fopen(path, "rb")) == NULL)
		return (false);
	crypto_hash_sha256_init(&state);
	for (*total = 0; (n = fread(bytes, 1, sizeof(bytes), file)) > 0;
	    *total += (json_int_t)n)
		crypto_hash_sha256_update(&state, bytes, n);
	ok = ferror(file) == 0;
	fclose(file);
	crypto_hash_sha256_final(&state, hash);
	hex_encode(hash, sizeof(hash), hex);
	return (ok);
}

/* Sets the key: "blueprint/3f/3f…e1.wav". */
static void
audio_make_key(
    struct ingest_audio *a, const char *tenant, const char *source_id)
{
	crypto_hash_sha256_state	state;
	unsigned char			hash[crypto_hash_sha256_BYTES];
	char				hex[HEX_SIZE];

	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, (const unsigned char *)tenant,
	    strlen(tenant) + 1);
	crypto_hash_sha256_update(&state, (const unsigned char *)source_id,
	    strlen(source_id));
	crypto_hash_sha256_final(&state, hash);
	hex_encode(hash, sizeof(hash), hex);
	snprintf(a->key, sizeof(a->key), "%s/%.2s/%s.wav", tenant, hex, hex);
}

/* Stores the file at path. *was_there: the key existed before. */
static enum result
audio_store_put(const struct store *store, const char *key, const char *path,
    bool *was_there, char why[INGEST_WHY])
{
	struct store_object	object;
	char			problem[DISK_PROBLEM];
	enum result		result;

	result = store->open(store, key, &object);
	*was_there = result == OK;
	if (result == OK)
		store->close(&object);
	else if (result != NOT_FOUND) {
		snprintf(why, INGEST_WHY, "%s", store_problem(problem));
		return (result);
	}
	result = store->put(store, key, path);
	if (result == CONFLICT) {
		snprintf(why, INGEST_WHY, "its audio is not the one that was "
		    "ingested before");
		result = INVALID;
	} else if (result == INVALID)
		snprintf(why, INGEST_WHY, "its audio can't be read");
	else if (result != OK)
		snprintf(why, INGEST_WHY, "%s", store_problem(problem));
	return (result);
}

/* Notes that the audio is not as long as the document says. */
static void
note_length(struct ingest_audio *a, const json_t *document,
    const struct source_info *info)
{
	double	 said = json_number_value(json_object_get(document,
		    "duration_ms")) / 1000;
	double	 is = (double)info->samples / info->rate;
	size_t	 n = strlen(a->notes);

	if (said > 0 && (is - said > NOTED_S || said - is > NOTED_S))
		snprintf(a->notes + n, sizeof(a->notes) - n,
		    "%sits audio is %.3f s long, and duration_ms says %.3f s",
		    n > 0 ? "; " : "", is, said);
}

/* Puts the description of the stored audio into the document. */
static enum result
audio_describe(struct ingest_audio *a, json_t *document, const char *sha256,
    json_t *original, char why[INGEST_WHY])
{
	struct source	 source;
	char		 disk[DISK_PROBLEM];
	const char	*problem = NULL;
	enum result	 result;

	result = source_open(&source, a->store, a->key, &problem);
	if (result != OK) {
		if (result != DAMAGED && problem == NULL)
			problem = store_problem(disk);
		snprintf(why, INGEST_WHY, "its audio: %s",
		    problem == NULL ? "can't be read" : problem);
		return (result == DAMAGED ? INVALID : result);
	}
	note_length(a, document, &source.info);
	json_object_set_new(document, "audio",
	    json_pack("{s:s, s:s, s:i, s:i, s:I, s:s, s:O}", "key", a->key,
	    "format", source_format_name(source.info.format),
	    "rate", source.info.rate, "channels", source.info.channels,
	    "samples", (json_int_t)source.info.samples, "sha256", sha256,
	    "original", original));
	source_close(&source);
	return (OK);
}

/* Stores the imported file, and the delivered one at path if it is another. */
static enum result
audio_put_both(struct ingest_audio *a, const struct import *in,
    const char *path, char why[INGEST_WHY])
{
	enum result	 result;

	result = audio_store_put(a->store, a->key, in->path, &a->was_there,
	    why);
	if (result != OK || in->fd == -1)
		return (result);
	snprintf(a->original, sizeof(a->original), "%.194s.orig", a->key);
	return (audio_store_put(a->store, a->original, path,
	    &a->original_was_there, why));
}

/* Stores the imported file and describes it in the document. */
static enum result
audio_put_file(struct ingest_audio *a, json_t *document,
    const struct import *in, const char *path, char why[INGEST_WHY])
{
	char		 sha256[HEX_SIZE], delivered[HEX_SIZE];
	json_int_t	 stored_bytes, bytes;
	json_t		*original;
	enum result	 result;

	if (!file_digest(in->path, sha256, &stored_bytes) ||
	    !file_digest(path, delivered, &bytes)) {
		snprintf(why, INGEST_WHY, "its audio: %s", strerror(errno));
		return (INVALID);
	}
	original = json_pack("{s:s, s:I, s:s}", "kind", in->kind, "bytes",
	    bytes, "sha256", delivered);
	result = audio_put_both(a, in, path, why);
	if (result == OK)
		result = audio_describe(a, document, sha256, original, why);
	json_decref(original);
	return (result);
}

/* Imports the file at path, named file in the document. */
static enum result
audio_import(struct ingest_audio *a, json_t *document, const char *path,
    const char *file, char why[INGEST_WHY])
{
	struct import	*in;
	enum result	 result;

	if ((in = calloc(1, sizeof(*in))) == NULL)
		return (FAILED);
	result = import_open(in, path, (int64_t)json_number_value(
	    json_object_get(document, "duration_ms")));
	snprintf(a->notes, sizeof(a->notes), "%s", in->notes);
	if (result == OK) {
		result = audio_put_file(a, document, in, path, why);
		import_close(in);
	} else
		snprintf(why, INGEST_WHY, "%.150s: %s", file, in->why);
	free(in);
	return (result);
}

enum result
ingest_audio_put(struct ingest_audio *a, json_t *document, const char *folder,
    char why[INGEST_WHY])
{
	const char	*file, *source_id, *tenant;
	char		 path[PATH_SIZE];
	json_t		*audio = json_object_get(document, "audio");

	a->key[0] = a->original[0] = a->notes[0] = '\0';
	if (audio == NULL || json_is_null(audio)) {
		json_object_set_new(document, "audio", json_null());
		return (OK);
	}
	file = document_text(audio, "file");
	tenant = document_text(document, "tenant");
	source_id = document_text(document, "source_id");
	if (file[0] == '\0' || file[0] == '.' || strchr(file, '/') != NULL) {
		snprintf(why, INGEST_WHY,
		    "audio.file must name a file beside it");
		return (INVALID);
	}
	if (!key_valid(tenant) || source_id[0] == '\0') {
		snprintf(why, INGEST_WHY, "tenant and source_id are needed");
		return (INVALID);
	}
	snprintf(path, sizeof(path), "%s/%s", folder, file);
	audio_make_key(a, tenant, source_id);
	return (audio_import(a, document, path, file, why));
}

static void
audio_remove(const struct ingest_audio *a, const char *key)
{
	if (key[0] != '\0')
		(void)a->store->remove(a->store, key);
}

void
ingest_audio_undo(struct ingest_audio *a)
{
	if (!a->was_there)
		audio_remove(a, a->key);
	if (!a->original_was_there)
		audio_remove(a, a->original);
}

void
ingest_audio_keep(struct ingest_audio *a, const char *key,
    const char *original)
{
	if (key == NULL || strcmp(key, a->key) != 0)
		audio_remove(a, a->key);
	if (original == NULL || strcmp(original, a->original) != 0)
		audio_remove(a, a->original);
}
