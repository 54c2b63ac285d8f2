/* SPDX-License-Identifier: GPL-2.0-only */
#include "emulator/ini_file.h"
#include "emulator/initiator_rule.h"
#include "unit.h"

#include <string.h>

static char error[INI_ERROR_BYTES];

static void becomes(const char *text, bool is_name, const char *expected)
{
    struct initiator_rule rule;

    CU_ASSERT_TRUE(initiator_rule_parse(&rule, text, error));
    CU_ASSERT_EQUAL(rule.is_name, is_name);
    CU_ASSERT_STRING_EQUAL(rule.text, expected);
}

static void refused(const char *text)
{
    struct initiator_rule rule;

    error[0] = 0;
    CU_ASSERT_FALSE(initiator_rule_parse(&rule, text, error));
    CU_ASSERT_EQUAL(strncmp(error, "initiator: '", 12), 0);
}

static void names_stay_as_they_are(void)
{
    becomes("iqn.2026-11.example:host/1", true, "iqn.2026-11.example:host/1");
    becomes("eui.02004567A425678D", true, "eui.02004567A425678D");
    becomes("naa.52004567BA64678D", true, "naa.52004567BA64678D");
}

static void addresses_and_networks_stay_as_they_are(void)
{
    becomes("192.0.2.7", false, "192.0.2.7");
    becomes("2001:db8::1", false, "2001:db8::1");
    becomes("192.0.2.0/24", false, "192.0.2.0/24");
    becomes("192.0.2.128/25", false, "192.0.2.128/25");
    becomes("2001:db8::/33", false, "2001:db8::/33");
}

static void networks_of_one_address_or_of_all_are_rewritten(void)
{
    becomes("192.0.2.7/32", false, "192.0.2.7");
    becomes("2001:db8::1/128", false, "2001:db8::1");
    becomes("0.0.0.0/0", false, "ALL");
    becomes("::/0", false, "ALL");
}

static void what_is_neither_is_refused(void)
{
    char longer[INITIATOR_RULE_BYTES + 1];

    refused("");
    refused("ALL");
    refused("host.example");
    refused("192.0.2");
    refused("192.0.2.0/33");
    refused("192.0.2.0/");
    refused("192.0.2.0/x");
    refused("192.0.2.0/-1");
    refused("192.0.2.1/24");
    refused("192.0.2.192/25");
    refused("2001:db8::/129");
    refused("/24");
    memset(longer, 'a', sizeof(longer) - 1);
    longer[sizeof(longer) - 1] = 0;
    memcpy(longer, "iqn.", 4);
    refused(longer);
}

UNIT_SUITE(initiator_rule, T(names_stay_as_they_are), T(addresses_and_networks_stay_as_they_are),
           T(networks_of_one_address_or_of_all_are_rewritten), T(what_is_neither_is_refused));
