// Whether bytes are a public key of Ed25519 or Ed448 (RFC 8032 5.1.3, 5.2.3).
//
// OpenSSL finds out at the first signature that they are not, and never that the
// point has a small order: for such a key everybody can make signatures.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "auth/crypto/octets.h"
#include "auth/crypto/pkey.h"

namespace tollgate::crypto {

// A point of the curve, written canonically, and not one of the few of small order.
bool is_edwards_point(Curve curve, Octets x);

}  // namespace tollgate::crypto
