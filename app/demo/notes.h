// The notes API: each user sees their own notes, admins see all.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/api/application.h"
#include "app/demo/notes_store.h"

namespace tollgate::demo {

// GET, POST /api/notes; GET, PUT, DELETE /api/notes/{id}. `notes` outlives the application.
void define_notes(Application& app, NotesStore& notes);

}  // namespace tollgate::demo
