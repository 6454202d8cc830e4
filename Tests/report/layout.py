"""Renders a page in Chromium, without a network, and finds what overlaps or sticks out: words of a chart over each other or beyond it, content wider than its
cell, a page wider than the window. With --pdf FILE it is printed, too, and must come out on A4. Returns 1 where something is wrong."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

SECONDS = 60
# Measured in the page itself, when its fonts are there. Half a pixel is rounding.
PROBE = """
<script>
addEventListener('load', () => document.fonts.ready.then(() => {
  const wrong = [], slack = 0.5;
  const name = element => element.textContent.trim().slice(0, 60);
  const over = (a, b) => a.left < b.right - slack && b.left < a.right - slack && a.top < b.bottom - slack && b.top < a.bottom - slack;
  let words = 0;
  document.querySelectorAll('svg').forEach((svg, index) => {
    const frame = svg.getBoundingClientRect();
    const texts = [...svg.querySelectorAll('text')].map(text => [text, text.getBoundingClientRect()]);
    words += texts.length;
    texts.forEach(([text, box], place) => {
      if (box.left < frame.left - slack || box.right > frame.right + slack || box.top < frame.top - slack || box.bottom > frame.bottom + slack)
        wrong.push(`chart ${index + 1}: "${name(text)}" sticks out`);
      texts.slice(place + 1).forEach(([other, box2]) => {
        if (over(box, box2)) wrong.push(`chart ${index + 1}: "${name(text)}" and "${name(other)}" overlap`);
      });
    });
    svg.querySelectorAll('rect, circle, line').forEach(shape => {
      const box = shape.getBoundingClientRect();
      if (box.left < frame.left - 2 || box.right > frame.right + 2 || box.bottom > frame.bottom + 2) wrong.push(`chart ${index + 1}: a shape sticks out`);
    });
    const title = svg.querySelector(':scope > title'), desc = svg.querySelector(':scope > desc');
    if (!title || !desc || svg.getAttribute('aria-labelledby') !== `${title.id} ${desc.id}`) wrong.push(`chart ${index + 1} has no name`);
  });
  document.querySelectorAll('td, th, caption, summary, p, h1, h2, li').forEach(cell => {
    if (cell.offsetParent && cell.scrollWidth > cell.clientWidth + 1 && cell.clientWidth > 0) wrong.push(`"${name(cell)}" is wider than its place`);
  });
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth + 1) wrong.push(`the page is ${root.scrollWidth} wide in ${root.clientWidth}`);
  const result = document.createElement('pre');
  result.id = 'probe';
  result.textContent = JSON.stringify({charts: document.querySelectorAll('svg').length, words, wrong});
  document.body.replaceChildren(result);
}));
</script>
"""


def chromium(profile, *arguments):
    command = [
        "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-extensions",
        "--host-resolver-rules=MAP * ~NOTFOUND", f"--user-data-dir={profile}", *arguments,
    ]
    done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)
    if done.returncode:
        sys.exit(f"chromium failed:\n{done.stderr.decode()[-2000:]}")
    return done.stdout.decode()


def probe(page, width, profile, folder):
    text = open(page, encoding="utf-8").read()
    if "</body>" not in text:
        sys.exit(f"{page} is no whole page")
    probed = os.path.join(folder, f"probed-{width}.html")
    with open(probed, "w", encoding="utf-8") as file:
        file.write(text.replace("</body>", PROBE + "</body>"))
    dom = chromium(profile, f"--window-size={width},1200", "--virtual-time-budget=20000", "--dump-dom", f"file://{probed}")
    found = re.search(r'<pre id="probe">(.*?)</pre>', dom, re.S)
    if not found:
        sys.exit(f"the page was not measured at {width}")
    text = found.group(1).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return json.loads(text)


def main():
    page = os.path.abspath(sys.argv[1])
    pdf = os.path.abspath(sys.argv[sys.argv.index("--pdf") + 1]) if "--pdf" in sys.argv else None
    folder = tempfile.mkdtemp(prefix="phoihop-layout.")
    profile = os.path.join(folder, "profile")
    wrong = []
    try:
        # A screen, a narrow one, and about what is printable of A4.
        for width in (1200, 820, 680):
            result = probe(page, width, profile, folder)
            if not result["charts"] or not result["words"]:
                wrong.append(f"at {width}: no charts")
            wrong += [f"at {width}: {item}" for item in result["wrong"]]
        if pdf:
            chromium(profile, "--no-pdf-header-footer", f"--print-to-pdf={pdf}", f"file://{page}")
            boxes = set(re.findall(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)\s*\]", open(pdf, "rb").read()))
            if not boxes or any(abs(float(w) - 595.3) > 1.5 or abs(float(h) - 841.9) > 1.5 for w, h in boxes):
                wrong.append(f"printed on {sorted(boxes)}, not on A4")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for item in wrong[:40]:
        print(item)
    print(f"{os.path.basename(page)}: {len(wrong)} wrong in its layout")
    sys.exit(1 if wrong else 0)


main()
