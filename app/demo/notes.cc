// SPDX-License-Identifier: Apache-2.0
#include "app/demo/notes.h"

namespace tollgate::demo {
namespace {

Scope scope_of(const Request& request) {
  return {.user = request.identity().id, .all = request.identity().is_staff};
}

Json to_json(const Note& note) {
  return {{"id", note.id}, {"owner", note.owner}, {"text", note.text}, {"created", note.created}};
}

Error no_such_note() { return {Errc::NotFound, "No Note matches the given query."}; }

// {"text": "…"}, not blank.
Result<std::string> read_text(const Request& request) {
  TOLLGATE_TRY(body, parse_json(request));
  const auto text = body.is_object() ? body.find("text") : body.end();
  if (text == body.end() || !text->is_string() ||
      text->template get_ref<const std::string&>().empty())
    return fail(Errc::InvalidArgument, "Give the note as {\"text\": \"…\"}.");
  return text->template get<std::string>();
}

Result<Response> list(NotesStore& notes, const Request& request) {
  TOLLGATE_TRY(found, notes.list(scope_of(request)));
  Json all = Json::array();
  for (const Note& note : found) all.push_back(to_json(note));
  return json(all);
}

Result<Response> create(NotesStore& notes, const Request& request) {
  TOLLGATE_TRY(text, read_text(request));
  TOLLGATE_TRY(note, notes.add(request.identity().id, text));
  return json(to_json(note), 201).set_header("Location", "/api/notes/" + std::to_string(note.id));
}

Result<Response> show(NotesStore& notes, const Request& request, int64_t id) {
  TOLLGATE_TRY(note, notes.find(scope_of(request), id));
  if (!note) return fail(no_such_note());
  return json(to_json(*note));
}

Result<Response> change(NotesStore& notes, const Request& request, int64_t id) {
  TOLLGATE_TRY(text, read_text(request));
  TOLLGATE_TRY(note, notes.change(scope_of(request), id, text));
  if (!note) return fail(no_such_note());
  return json(to_json(*note));
}

Result<Response> remove(NotesStore& notes, const Request& request, int64_t id) {
  TOLLGATE_TRY(removed, notes.remove(scope_of(request), id));
  if (!removed) return fail(no_such_note());
  return http::no_content();
}

}  // namespace

void define_notes(Application& app, NotesStore& notes) {
  app.get("/api/notes", [&notes](const Request& r) { return list(notes, r); }).blocking();
  app.post("/api/notes", [&notes](const Request& r) { return create(notes, r); }).blocking();
  app.get("/api/notes/{id:int}",
          [&notes](const Request& r, int64_t id) { return show(notes, r, id); })
      .blocking();
  app.put("/api/notes/{id:int}",
          [&notes](const Request& r, int64_t id) { return change(notes, r, id); })
      .blocking();
  app.del("/api/notes/{id:int}",
          [&notes](const Request& r, int64_t id) { return remove(notes, r, id); })
      .blocking();
}

}  // namespace tollgate::demo
