/// Everything that decides about an account and changes it.
#pragma once

#include <coffer/ledger/attempt.hpp>
#include <coffer/ledger/catch_up.hpp>
#include <coffer/ledger/limit_check.hpp>
#include <coffer/ledger/post.hpp>
