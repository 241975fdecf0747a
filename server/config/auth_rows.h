// The rows of the settings of tokens, keys and users (options.cc puts them behind the server's).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "server/config/option_rows.h"

namespace tollgate::rows {

inline constexpr std::string_view kAuth = "Authentication";
inline constexpr std::string_view kState = "State";

inline constexpr Option kAuthRows[] = {
    {"signing_key", "", &Config::signing_key, kReload, "KEY", kAny, kAuth,
     "Secret that signs tokens, or a private key in PEM, as algorithm says. It has no flag, since "
     "the arguments of a process are public, and is never printed. Keep the file that holds it "
     "from group and others, or use signing_key_file.",
     Secrecy::Secret},
    {"signing_key_file", "--signing-key-file", &Config::signing_key_file, kReload, "PATH", kAny,
     kAuth,
     "File that holds the key that signs tokens: a secret for HS256, HS384 and HS512, else a "
     "private key in PEM. It excludes signing_key. Empty means none."},
    {"verifying_key", "--verifying-key", &Config::verifying_key, kReload, "KEY", kAny, kAuth,
     "Public key in PEM, as a text with its line ends; see verifying_key_file. Empty means none."},
    {"verifying_key_file", "--verifying-key-file", &Config::verifying_key_file, kReload, "PATH",
     kAny, kAuth,
     "File that holds a public key in PEM. Alone it verifies the tokens of another issuer; beside "
     "a signing key it must be its public half. It excludes verifying_key. Empty means none."},
    {"keys_file", "--keys-file", &Config::keys_file, kReload, "PATH", kAny, kAuth,
     "File that holds a JWK Set. The first private key of it signs, all verify, each with its own "
     "alg. It excludes signing_key, verifying_key and their files. Empty means none."},
    {"algorithm", "--algorithm", &Config::algorithm, kReload, "NAME", kAny, kAuth,
     "Algorithm of signing_key, signing_key_file and verifying_key_file: HS, RS, PS or ES with "
     "256, 384 or 512, or EdDSA. No token chooses another."},
    {"extra_algorithms", "--extra-algorithms", &Config::extra_algorithms, kReload, "true|false",
     kAny, kAuth, "Whether ES256K and Ed448, which few issuers use, are algorithms, too."},
    {"access_token_lifetime", "--access-token-lifetime", &Config::access_token_lifetime, kReload,
     "TIME", between(1s, kTenYears), kAuth,
     "How long an access token is valid. After that the client fetches another with its refresh "
     "token."},
    {"refresh_token_lifetime", "--refresh-token-lifetime", &Config::refresh_token_lifetime, kReload,
     "TIME", between(1s, kTenYears), kAuth,
     "How long a refresh token is valid. After that the user has to log in again."},
    {"leeway", "--leeway", &Config::leeway, kReload, "TIME", between(0ms, 1h), kAuth,
     "Difference between clocks that is forgiven in exp, nbf and iat of a token. 0 means none."},
    {"user_id_type", "--user-id-type", &Config::user_id_type, kReload, "auto|string|integer", kAny,
     kAuth,
     "How the user's id stands in a token. simplejwt 5.5.1 and later write a string, earlier "
     "versions an integer; auto does as the version that compat names. Both are read."},
    {"user_id_claim", "--user-id-claim", &Config::user_id_claim, kReload, "NAME", kAny, kAuth,
     "Claim that holds the user's id."},
    {"audience", "--audience", &Config::audience, kReload, "TEXT", kAny, kAuth,
     "Audience (aud) that is written into tokens, and that they must have. Empty means that aud is "
     "not looked at."},
    {"issuer", "--issuer", &Config::issuer, kReload, "TEXT", kAny, kAuth,
     "Issuer (iss) that is written into tokens, and that they must have. Empty means that iss is "
     "not looked at."},
    {"write_at_jwt", "--write-at-jwt", &Config::write_at_jwt, kReload, "true|false", kAny, kAuth,
     "Whether access tokens say that they are some: typ at+jwt in their header (RFC 9068) instead "
     "of JWT. Sliding tokens do not."},
    {"require_at_jwt", "--require-at-jwt", &Config::require_at_jwt, kReload, "true|false", kAny,
     kAuth,
     "Whether protected routes accept only tokens with typ at+jwt, so that no other JWT of the "
     "same issuer is taken for an access token. It needs write_at_jwt where tokens are issued, and "
     "refuses sliding tokens."},
    {"jwks_endpoint", "--jwks-endpoint", &Config::jwks_endpoint, kReload, "PATH", kAny, kAuth,
     "Path at which the public keys are served as a JWK Set, if there are some: secrets are never "
     "served. A route of the application's own goes before. Empty means none."},
    {"rotate_refresh_tokens", "--rotate-refresh-tokens", &Config::rotate_refresh_tokens, kReload,
     "true|false", kAny, kAuth,
     "Whether a refresh gives a new refresh token as well. The one that was used stays valid, "
     "unless blacklist_after_rotation says otherwise."},
    {"token_blacklist", "--token-blacklist", &Config::token_blacklist, kReload, "true|false", kAny,
     kAuth,
     "Whether refresh tokens are recorded in the database and can be blacklisted. It is what "
     "simplejwt's application token_blacklist is, with its tables, which are made when they are "
     "missing. Without it there is no endpoint that blacklists."},
    {"blacklist_after_rotation", "--blacklist-after-rotation", &Config::blacklist_after_rotation,
     kReload, "true|false", kAny, kAuth,
     "Whether a refresh token serves once: rotation blacklists it. Verification then refuses what "
     "is blacklisted, too. It needs token_blacklist."},
    {"update_last_login", "--update-last-login", &Config::update_last_login, kReload, "true|false",
     kAny, kAuth, "Whether obtaining tokens sets last_login of the user."},
    {"check_user_is_active", "--check-user-is-active", &Config::check_user_is_active, kReload,
     "true|false", kAny, kAuth,
     "Whether tokens of users that are not active are refused. Nobody logs in while not active, "
     "whatever this says."},
    {"check_revoke_token", "--check-revoke-token", &Config::check_revoke_token, kReload,
     "true|false", kAny, kAuth,
     "Whether tokens hold a fingerprint of the password's hash, and end when the password is "
     "changed."},
    {"revoke_token_claim", "--revoke-token-claim", &Config::revoke_token_claim, kReload, "NAME",
     kAny, kAuth, "Claim that holds the fingerprint of check_revoke_token."},
    {"sliding_token_lifetime", "--sliding-token-lifetime", &Config::sliding_token_lifetime, kReload,
     "TIME", between(1s, kTenYears), kAuth,
     "How long a sliding token is valid. Until then it may be exchanged for one that is valid as "
     "long again."},
    {"sliding_token_refresh_lifetime", "--sliding-token-refresh-lifetime",
     &Config::sliding_token_refresh_lifetime, kReload, "TIME", between(1s, kTenYears), kAuth,
     "How long after the login a sliding token may be exchanged."},
    {"sliding_token_refresh_exp_claim", "--sliding-token-refresh-exp-claim",
     &Config::sliding_token_refresh_exp_claim, kReload, "NAME", kAny, kAuth,
     "Claim that holds the end of sliding_token_refresh_lifetime."},
    {"compat", "--compat", &Config::compat, kReload, "newest|5.2", kAny, kAuth,
     "Version of simplejwt whose texts are answered. 5.2 says \"Token is invalid or expired\" of "
     "both, and writes the user's id as an integer."},
    {"www_authenticate_error", "--www-authenticate-error", &Config::www_authenticate_error, kReload,
     "true|false", kAny, kAuth,
     "Whether WWW-Authenticate also says why a token is refused: error and error_description of "
     "RFC 6750, section 3. simplejwt does not."},
    {"password_threads", "--password-threads", &Config::password_threads, kReload, "N",
     between(1, 64), kAuth,
     "Threads of each worker that hash passwords. They are apart from threads, so that logins do "
     "not starve other routes."},
    {"password_queue", "--password-queue", &Config::password_queue, kReload, "N", between(1, 65536),
     kAuth,
     "Logins of a worker that may wait for a password thread. When the queue is full, a login is "
     "answered 503 with Retry-After."},

    {"database", "--database", &Config::database, kReload, "URL", kAny, kState,
     "Database of users and tokens, as sqlite:PATH. Empty means none, and no login."},
};

}  // namespace tollgate::rows
