/** A picture of the graph with the lines above it that say what it shows: question, position, instant. */

const LINE = 44;
const EDGE = 32;

/** Errors: what the browser throws for a picture that it cannot draw. */
export async function picture(graph: Blob, lines: readonly string[], dark: boolean): Promise<Blob> {
  const drawn = await createImageBitmap(graph);
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d");
  if (pen === null) throw new Error("this browser draws no pictures");
  const font = '26px system-ui, "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif';
  pen.font = font;
  const wide = Math.max(...lines.map((line) => pen.measureText(line).width));
  const head = lines.length * LINE + 2 * EDGE;
  canvas.width = Math.ceil(Math.max(drawn.width, wide) + 2 * EDGE);
  canvas.height = drawn.height + head + EDGE;
  pen.fillStyle = dark ? "#181f27" : "#ffffff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = dark ? "#e4e9ee" : "#1c2530";
  pen.font = font;
  for (const [number, line] of lines.entries()) pen.fillText(line, EDGE, EDGE + (number + 0.7) * LINE);
  pen.drawImage(drawn, EDGE, head);
  return await new Promise((done, failed) => {
    canvas.toBlob((blob) => { if (blob === null) failed(new Error("the picture is too large")); else done(blob); }, "image/png");
  });
}
