/// The rules, as pure functions over an account and plain values: no policies, no clock, no store.
/// `decide_…` writes the entry that would carry an operation out, or says why not; `apply` carries
/// it out. A host that brings its own I/O drives these directly.
#pragma once

#include <coffer/ledger/charge.hpp>
#include <coffer/ledger/clawback.hpp>
#include <coffer/ledger/draft.hpp>
#include <coffer/ledger/grant.hpp>
#include <coffer/ledger/post.hpp>
#include <coffer/ledger/refund.hpp>
