// SPDX-License-Identifier: Apache-2.0
#include "app/demo/page.h"

namespace tollgate::demo {

const char* const kPage = R"html(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>tollgate</title>
<style>
  :root { color-scheme: light dark; --ink: #1c2733; --quiet: #5b6b7b; --line: #d5dde5; --accent: #0b6e4f; --paper: #f7f9fb; --box: #fff; }
  @media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --quiet: #9aa9b8; --line: #2d3a47; --accent: #3fb68b; --paper: #11181f; --box: #18222c; } }
  body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 46rem; margin: 2.5rem auto; padding: 0 1rem; }
  h1 { margin: 0; font-size: 1.9rem; } h2 { font-size: 1.1rem; margin: 0 0 .6rem; }
  .lead { color: var(--quiet); margin: .2rem 0 1.6rem; }
  section { background: var(--box); border: 1px solid var(--line); border-radius: 10px; padding: 1rem 1.2rem; margin: 0 0 1rem; }
  table { border-collapse: collapse; width: 100%; font-size: .92rem; } td { padding: .25rem .5rem .25rem 0; vertical-align: top; }
  code, pre { font: .86rem/1.45 ui-monospace, monospace; } td:first-child { white-space: nowrap; }
  pre { background: var(--paper); border: 1px solid var(--line); border-radius: 6px; padding: .6rem .8rem; margin: .8rem 0 0; white-space: pre-wrap; word-break: break-all; min-height: 1.4em; }
  input { font: inherit; padding: .35rem .6rem; border: 1px solid var(--line); border-radius: 6px; background: var(--paper); color: inherit; }
  button { font: inherit; padding: .35rem .9rem; border: 0; border-radius: 6px; background: var(--accent); color: #fff; cursor: pointer; }
  button:disabled { opacity: .45; cursor: default; } form, .row { display: flex; gap: .5rem; flex-wrap: wrap; align-items: center; }
  li { margin: .2rem 0; } li button { background: none; color: var(--quiet); padding: 0 .4rem; }
</style>
</head>
<body>
<h1>tollgate</h1>
<p class="lead">The demo application: a small notes API behind JSON Web Tokens.</p>

<section>
  <h2>1. Log in</h2>
  <form id="login">
    <input id="username" placeholder="username" autocomplete="username" required>
    <input id="password" type="password" placeholder="password" autocomplete="current-password" required>
    <button>Log in</button>
  </form>
  <p style="margin:.6rem 0 0; color: var(--quiet)">No user yet? <code>tollgate users add NAME --database sqlite:PATH</code></p>
</section>

<section>
  <h2>2. Ask a protected route</h2>
  <div class="row"><button id="me">GET /api/me</button><button id="anonymous">the same without the token</button></div>
  <pre id="answer">The answer appears here.</pre>
</section>

<section>
  <h2>3. Your notes</h2>
  <form id="write"><input id="text" placeholder="a note" style="flex:1" required><button id="add" disabled>Add</button></form>
  <ul id="notes"></ul>
</section>

<section>
  <h2>What is here</h2>
  <table>
    <tr><td><code>POST /api/token/</code></td><td>username and password to a pair of tokens; also <code>refresh/</code> and <code>verify/</code></td></tr>
    <tr><td><code>GET /api/me</code></td><td>who the token says you are</td></tr>
    <tr><td><code>GET POST /api/notes</code></td><td>your notes; an admin sees everybody's</td></tr>
    <tr><td><code>GET PUT DELETE /api/notes/{id}</code></td><td>one of them</td></tr>
    <tr><td><code>GET /plain</code>, <code>/json</code></td><td>for wrk</td></tr>
    <tr><td><code>POST /echo</code></td><td>JSON, parsed and written again</td></tr>
    <tr><td><code>GET /block</code></td><td>takes 20 ms on the pool of threads; <code>/block/{ms}</code> longer</td></tr>
  </table>
</section>

<script>
let access = null;
const $ = id => document.getElementById(id);
async function call(method, path, body, token = access) {
  const headers = {};
  if (token) headers.Authorization = 'Bearer ' + token;
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  const response = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  const text = await response.text();
  $('answer').textContent = method + ' ' + path + '\n' + response.status + ' ' + response.statusText + '\n' + text;
  return { ok: response.ok, data: text ? JSON.parse(text) : null };
}
async function refresh() {
  const { ok, data } = await call('GET', '/api/notes');
  if (!ok) return;
  $('notes').replaceChildren(...data.map(note => {
    const item = document.createElement('li');
    item.textContent = note.text;
    const button = document.createElement('button');
    button.textContent = 'remove';
    button.onclick = async () => { await call('DELETE', '/api/notes/' + note.id); refresh(); };
    item.append(button);
    return item;
  }));
}
$('login').onsubmit = async event => {
  event.preventDefault();
  const { ok, data } = await call('POST', '/api/token/', { username: $('username').value, password: $('password').value }, null);
  if (!ok) return;
  access = data.access;
  $('add').disabled = false;
  refresh();
};
$('me').onclick = () => call('GET', '/api/me');
$('anonymous').onclick = () => call('GET', '/api/me', undefined, null);
$('write').onsubmit = async event => {
  event.preventDefault();
  const { ok } = await call('POST', '/api/notes', { text: $('text').value });
  if (ok) $('text').value = '';
  refresh();
};
</script>
</body>
</html>
)html";

}  // namespace tollgate::demo
