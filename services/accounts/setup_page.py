"""`/setup`: the page behind a one-time link. It sets a password, and ends with an API key and the command to try it.

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
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
_PAGE: Final = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>Stemma 账户设置 · Set up</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/setup/page.css"></head>
<body><main>
<h1>Stemma</h1>
<p id="told" role="status">正在查看链接… · Looking at the link…</p>
<form id="form" hidden>
<label id="names">登录名 · Name to sign in with
<input id="name" autocomplete="username" maxlength="64"></label>
<label>密码（至少 10 个字符）· Password (10 characters or more)
<input id="password" type="password" autocomplete="new-password" minlength="10" required></label>
<button>完成 · Finish</button>
</form>
<section id="done" hidden>
<h2>API 密钥（仅显示一次）· API key (shown once)</h2>
<pre id="key"></pre>
<h2>试一试 · Try it</h2>
<pre id="command"></pre>
<p><a href="/docs">全部接口 · All calls: /docs</a></p>
</section>
</main><script src="/setup/page.js"></script></body></html>
"""
_STYLE: Final = """body { font: 16px/1.5 system-ui, "Noto Sans CJK SC", sans-serif; margin: 0; }
body { background: #f5f6f8; color: #1f2430; }
main { max-width: 34rem; margin: 8vh auto; padding: 2rem; background: #fff; border-radius: 8px; }
h1 { margin-top: 0; } h2 { font-size: 1rem; } label { display: block; margin: 1rem 0; }
input { display: block; box-sizing: border-box; width: 100%; font: inherit; padding: .5rem; }
button { font: inherit; padding: .5rem 1.5rem; } pre { overflow: auto; padding: 1rem; background: #f0f2f5; }
@media (max-width: 36rem) { main { margin: 0; border-radius: 0; } }
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
    if (!session.me.rights.includes("keys")) return;
    const key = await call("/api/v1/keys", { name: "set-up", scopes: ["read", "capture"] }, session.csrf);
    part("key").textContent = key.key;
    part("command").textContent = "curl -H 'Authorization: Bearer " + key.key + "' '" + location.origin +
      "/api/v1/impact?object=SESAME-0612'";
    part("done").hidden = false;
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
