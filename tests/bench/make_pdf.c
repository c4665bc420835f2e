/*
 * make_pdf FONTS MINUTES [OUT.pdf] - measures making the PDF of a call of so
 * many minutes, with a turn every six seconds. Prints the median of 9 in
 * microseconds, the bytes of the PDF, and the maximum memory of the process in
 * KiB. Writes the PDF to OUT.pdf.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "media/transcript_pdf.h"

#define ROUNDS	9

static const char *const words[] = {
	"Service clientèle, bonjour, Ursule à l’appareil. Que puis-je faire "
	"pour vous ?",
	"Bonjour. Je vous appelle pour ma dernière facture : on m’a compté "
	"deux fois la pose des fenêtres, soit 142,50 € de trop.",
	"Je regarde cela tout de suite. Avez-vous le numéro du dossier ?",
	"Oui, c’est le 44-22. Mais enfin, c’est la troisième fois que "
	"j’appelle, et personne ne me rappelle jamais ! Je veux parler à un "
	"responsable, sinon je résilie mon contrat.",
	"Je comprends. Je vous fais un avoir aujourd’hui même.",
	"Merci.",
};

static double
now_us(void)
{
	struct timespec	t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return ((double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3);
}

static int
compare(const void *a, const void *b)
{
	const double	*x = a, *y = b;

	return ((*x > *y) - (*x < *y));
}

static void
fill(struct transcript *t, int minutes)
{
	static char	times[20000][12];
	size_t		i;
	int		s;

	t->turn_count = (size_t)minutes * 10;
	t->turns = calloc(t->turn_count, sizeof(*t->turns));
	for (i = 0; i < t->turn_count; i++) {
		s = (int)i * 6;
		snprintf(times[i], sizeof(times[i]), s < 3600 ? "%.0d%02d:%02d"
		    : "%d:%02d:%02d", s / 3600, s / 60 % 60, s % 60);
		t->turns[i].time = times[i];
		t->turns[i].callee = i % 2 == 0;
		t->turns[i].name = i % 2 ? "06 13 24 10 88" : "Ursule Nadal";
		t->turns[i].text = words[i % 6];
	}
}

static struct transcript	call = {
	.head.operator_name = "Smart Telecom", .head.brand = DOCUMENT_BRAND,
	.head.brand_ink = 0xffffff, .head.kind = "Transcription d’appel",
	.head.title = "Problème de facturation sur le dossier 44-22",
	.head.date = "Jeudi 30 juillet 2026 à 17:14",
	.mood = "angry", .mood_word = "Énervé", .mood_family = "bad",
	.mood_note = "L’émotion est un indicateur tiré des mots de la "
	    "transcription. Ce n’est jamais une note.",
	.facts = { { "Appelant", "06 13 24 10 88", NULL },
	    { "Appelé(e)", "Ursule Nadal", "ursule@example.com" } },
	.fact_count = 2, .summary_label = "Résumé",
	.summary = "Le client conteste une facture supplémentaire pour trois "
	    "fenêtres.",
	.summary_note = "Sujet et résumé générés par une machine.",
	.exchange_label = "Transcription", .nothing = "", .cut = "",
	.head.footer = "Disponible dans le service jusqu’au 29 août 2026.",
};

static int
save(const char *path, const uint8_t *bytes, size_t n)
{
	FILE	*f;

	if ((f = fopen(path, "wb")) == NULL || fwrite(bytes, 1, n, f) != n)
		return (1);
	return (fclose(f) != 0);
}

int
main(int argc, char **argv)
{
	struct rusage	 usage;
	double		 took[ROUNDS];
	uint8_t		*bytes = NULL;
	size_t		 n = 0;
	int		 i;

	if (argc < 3) {
		fprintf(stderr, "usage: make_pdf FONTS MINUTES [OUT.pdf]\n");
		return (2);
	}
	fill(&call, atoi(argv[2]));
	for (i = 0; i < ROUNDS; i++) {
		free(bytes);
		took[i] = now_us();
		if (transcript_pdf(&call, argv[1], &bytes, &n) != OK)
			return (1);
		took[i] = now_us() - took[i];
	}
	qsort(took, ROUNDS, sizeof(took[0]), compare);
	getrusage(RUSAGE_SELF, &usage);
	printf("%.0f %zu %ld\n", took[ROUNDS / 2], n, usage.ru_maxrss);
	return (argc > 3 ? save(argv[3], bytes, n) : 0);
}
