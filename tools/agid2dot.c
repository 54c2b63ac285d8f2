/* SPDX-License-Identifier: GPL-2.0-only */
/* Prints the AGID state machine as a picture (Graphviz) or as a Markdown table. */
#include "css/agid.h"

#include <stdio.h>
#include <string.h>

#define EXIT_USAGE 2

static bool leads_to(enum agid_state from, enum agid_event event, enum agid_state to)
{
    const struct agid_cell cell = agid_standard.cells[from][event];

    return cell.action != AGID_REFUSE && cell.next == to;
}

/* One arrow for all events that lead the same way. */
static void print_arrow(enum agid_state from, enum agid_state to)
{
    const char *before = NULL;

    for (enum agid_event event = 0; event < AGID_EVENTS; event++) {
        if (!leads_to(from, event, to)) {
            continue;
        }
        if (before) {
            fputs(before, stdout);
        } else {
            printf("    %s -> %s [label=\"", agid_state_name(from), agid_state_name(to));
        }
        printf("%s / %s", agid_event_name(event),
               agid_action_name((enum agid_action)agid_standard.cells[from][event].action));
        before = "\\n";
    }
    if (before) {
        puts("\"];");
    }
}

static void print_dot(void)
{
    puts("digraph agid {");
    puts("    node [shape=box];");
    for (enum agid_state from = 0; from < AGID_STATES; from++) {
        for (enum agid_state to = 0; to < AGID_STATES; to++) {
            print_arrow(from, to);
        }
    }
    puts("}");
}

/* A row a state, a column an event: the next state and the action, or "-" for a refusal. */
static void print_markdown(void)
{
    fputs("| state |", stdout);
    for (enum agid_event event = 0; event < AGID_EVENTS; event++) {
        printf(" %s |", agid_event_name(event));
    }
    fputs("\n|---|", stdout);
    for (enum agid_event event = 0; event < AGID_EVENTS; event++) {
        fputs("---|", stdout);
    }
    for (enum agid_state state = 0; state < AGID_STATES; state++) {
        printf("\n| **%s** |", agid_state_name(state));
        for (enum agid_event event = 0; event < AGID_EVENTS; event++) {
            const struct agid_cell cell = agid_standard.cells[state][event];

            if (cell.action == AGID_REFUSE) {
                fputs(" - |", stdout);
            } else {
                printf(" %s, %s |", agid_state_name((enum agid_state)cell.next),
                       agid_action_name((enum agid_action)cell.action));
            }
        }
    }
    puts("");
}

int main(int argc, char **argv)
{
    if (argc == 1) {
        print_dot();
    } else if (argc == 2 && strcmp(argv[1], "--markdown") == 0) {
        print_markdown();
    } else {
        fputs("usage: agid2dot [--markdown]\n", stderr);
        return EXIT_USAGE;
    }
    return fflush(stdout) != 0 || ferror(stdout);
}
