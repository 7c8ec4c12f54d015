"""`/setup`: the page behind a one-time link. It sets a password and leads into the console; who may make keys is
given one, with the command to try it.

Chinese and English side by side, since nobody has chosen a language yet. The secret stands behind `#`, so no server on
the way sees it; scripts are our own file alone.
"""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

router = APIRouter(include_in_schema=False)

_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_PAGE: Final = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>Stemma 账户设置 · Set up</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/setup/page.css"></head>
<body><main>
<h1><img src="/icon.svg" alt="" width="32" height="32">Stemma</h1>
<p id="told" role="status">正在查看链接… · Looking at the link…</p>
<form id="form" hidden>
<label id="names">登录名 · Name to sign in with
<input id="name" autocomplete="username" maxlength="64"></label>
<label>密码（至少 10 个字符）· Password (10 characters or more)
<input id="password" type="password" autocomplete="new-password" minlength="10" required></label>
<button>完成 · Finish</button>
</form>
<section id="done" hidden>
<p><a class="go" id="go" href="/">进入控制台 · Open the console</a></p>
<p id="first" hidden>演示工厂：先在首页搜索坏批次 <a href="/search?q=SESAME-0612">SESAME-0612</a> ·
Demo plant: search for the bad lot <a href="/search?q=SESAME-0612">SESAME-0612</a></p>
<details id="keyed" hidden><summary>用程序接入 · For programs</summary>
<h2>API 密钥（仅显示一次）· API key (shown once)</h2>
<pre id="key"></pre>
<h2>试一试 · Try it</h2>
<pre id="command"></pre>
<p><a href="/docs">全部接口 · All calls: /docs</a></p>
</details></section>
</main><script src="/setup/page.js"></script></body></html>
"""
_STYLE: Final = """:root { --page: #f4f6f8; --panel: #fff; --line: #d9e0e6; --text: #1f2430;
  --muted: #566573; --accent: #0b6e8f; }
@media (prefers-color-scheme: dark) {
  :root { --page: #10151b; --panel: #181f27; --line: #303b46; --text: #e3e8ed; --muted: #a9b4bf; --accent: #5cc0e0; }
  .go, button { background: #17789b; }
}
body { font: 15px/1.6 system-ui, "Noto Sans CJK SC", sans-serif; margin: 0;
  background: var(--page); color: var(--text); }
main { max-width: 30rem; margin: 8vh auto; padding: 1.75rem 2rem; background: var(--panel);
  border: 1px solid var(--line); border-radius: 8px; }
h1 { display: flex; gap: .6rem; align-items: center; margin: 0 0 1rem; font-size: 1.3rem; }
h2 { font-size: .95rem; margin-bottom: .25rem; } label { display: block; margin: 1rem 0; color: var(--muted); }
input { display: block; box-sizing: border-box; width: 100%; margin-top: .25rem; font: inherit; padding: .45rem .7rem;
  color: var(--text); background: var(--page); border: 1px solid var(--line); border-radius: 6px; }
button, .go { display: inline-block; font: inherit; padding: .45rem 1.5rem; color: #fff; background: #0b6e8f; border: 0;
  border-radius: 6px; cursor: pointer; text-decoration: none; }
a { color: var(--accent); } summary { color: var(--muted); cursor: pointer; margin-top: 1rem; }
pre { overflow: auto; padding: .75rem; background: var(--page); border: 1px solid var(--line); border-radius: 6px; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
[hidden] { display: none; }
@media (max-width: 36rem) { main { margin: 0; border: 0; border-radius: 0; min-height: 100vh; } }
"""
_SCRIPT: Final = """"use strict";
const part = (id) => document.getElementById(id);
const link = location.hash.slice(1);
let named = null;

function tell(text) { part("told").textContent = text; }

async function call(path, body, csrf) {
  const headers = { "content-type": "application/json" };
  if (csrf) headers["stemma-csrf"] = csrf;
  const answer = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
  const told = await answer.json();
  if (answer.ok) return told;
  const faults = (told.errors || []).map((one) => one.field + ": " + one.fix);
  throw new Error([told.title, told.detail, ...faults].filter(Boolean).join(" · "));
}

async function demo() {
  const answer = await fetch("/api/v1/objects?q=SESAME-0612&limit=1");
  return answer.ok && (await answer.json()).found.length > 0;
}

async function look() {
  try {
    const found = await call("/api/v1/setup/look", { link });
    named = found.name;
    part("names").hidden = Boolean(named);
    part("name").required = !named;
    part("form").hidden = false;
    tell(named ? "为 " + named + " 设置密码 · Set the password of " + named
      : "创建第一个账户：管理员兼质量经理 · Make the first account: administrator and quality manager");
  } catch (fault) {
    tell("链接无效、已使用或已过期，请运行 stemma accounts link · " +
      "The link is unknown, used or too old; run `stemma accounts link` · " + fault.message);
  }
}

async function finish(event) {
  event.preventDefault();
  const given = { link, password: part("password").value };
  if (!named) given.name = part("name").value;
  try {
    const session = await call("/api/v1/setup", given);
    history.replaceState(null, "", "/setup");
    part("form").hidden = true;
    tell("完成，已登录 · Done, you are signed in");
    part("done").hidden = false;
    part("go").focus();
    part("first").hidden = !session.me.rights.includes("query") || !(await demo());
    if (!session.me.rights.includes("keys")) return;
    const key = await call("/api/v1/keys", { name: "set-up", scopes: ["read", "capture"] }, session.csrf);
    part("key").textContent = key.key;
    part("command").textContent = "curl -H 'Authorization: Bearer " + key.key + "' '" + location.origin +
      "/api/v1/impact?object=SESAME-0612'";
    part("keyed").hidden = false;
  } catch (fault) {
    tell(fault.message);
  }
}

part("form").addEventListener("submit", finish);
look();
"""
_FILES: Final = {"page.css": (_STYLE, "text/css"), "page.js": (_SCRIPT, "text/javascript")}


@router.get("/setup")
async def page() -> Response:
    """The page itself."""
    return Response(_PAGE, media_type="text/html", headers={"content-security-policy": _POLICY})


@router.get("/setup/page.css")
@router.get("/setup/page.js")
async def asset(request: Request) -> Response:
    """What the page looks like, and what it does."""
    text, media_type = _FILES[request.url.path.rpartition("/")[2]]
    return Response(text, media_type=media_type)
