// The page: three forms around the worker that computes.

import * as Comlink from "comlink";
import type { Seen } from "./tracking";
import type { Engine } from "./worker";

const engine = Comlink.wrap<Engine>(new Worker(new URL("worker.js", import.meta.url), { type: "module" }));
const ROOM: Record<string, number> = { text7: 7, text5: 5, text4: 4 };
/** Long side of the frames of a camera that are looked at. */
const FRAME = 960;

function element<T extends HTMLElement>(id: string): T {
  return document.getElementById(id) as T;
}

function say(id: string, words: string, bad = false): void {
  const place = element(id);
  place.textContent = words;
  place.classList.toggle("bad", bad);
}

const [cover, message, format, type] = [
  element<HTMLInputElement>("cover"),
  element<HTMLInputElement>("message"),
  element<HTMLSelectElement>("format"),
  element<HTMLSelectElement>("type"),
];

function tellRoom(): void {
  const room = ROOM[format.value];
  const bytes = new TextEncoder().encode(message.value).length;
  const words = room ? `${bytes} of ${room} bytes` : "such as 6f1c2b1e-5a3d-4e8f-9b7a-0123456789ab";
  say("room", words, room !== undefined && bytes > room);
}

message.addEventListener("input", tellRoom);
format.addEventListener("change", tellRoom);
tellRoom();

let address = "";
element("stamp").addEventListener("submit", async (event) => {
  event.preventDefault();
  const file = cover.files?.[0];
  if (!file) return;
  const button = element("stamp").querySelector("button")!;
  button.disabled = true;
  element("stamped").hidden = true;
  const kind = type.value as "image/png" | "image/jpeg";
  const progress = Comlink.proxy((words: string) => say("stamp-status", `${words} …`));
  const { result, notes, problem } = await engine.stamp(file, message.value, format.value, kind, progress);
  button.disabled = false;
  if (!result) return say("stamp-status", problem ?? "", true);
  URL.revokeObjectURL(address);
  address = URL.createObjectURL(result.file);
  element<HTMLImageElement>("result").src = address;
  const link = element<HTMLAnchorElement>("download");
  link.href = address;
  link.download = `${file.name.replace(/\.[^.]*$/, "")}-stamped.${result.file.type === "image/png" ? "png" : "jpg"}`;
  link.textContent = `Download ${link.download}`;
  element("stamped").hidden = false;
  const corrected = `${result.wrong} of ${result.bits} bits had to be corrected`;
  const quality = `The picture differs from the photo by a PSNR of ${result.psnr.toFixed(1)} dB.`;
  say("stamp-status", [`Done: the message was read back from the file; ${corrected}.`, quality, ...notes].join(" "));
});

let asked = 0;
element<HTMLInputElement>("picture").addEventListener("change", async (event) => {
  const file = (event.target as HTMLInputElement).files?.[0];
  if (!file) return;
  const question = ++asked;
  element("read-message").hidden = true;
  const progress = Comlink.proxy((words: string) => {
    if (question === asked) say("read-status", `${words} …`);
  });
  const { result, problem } = await engine.read(file, progress);
  if (question !== asked) return; // Another picture was chosen meanwhile.
  if (problem) return say("read-status", problem, true);
  if (!result) return say("read-status", "No message was found in this picture.");
  const corrected = result.corrected === 1 ? "1 bit was corrected" : `${result.corrected} bits were corrected`;
  const odds = result.falseAcceptProbability.toExponential(1);
  say("read-status", `Read from the ${result.where}; ${corrected}; a picture without a stamp would pass with a probability of ${odds}.`);
  element("read-message").textContent = result.message;
  element("read-message").hidden = false;
});
element("read").addEventListener("submit", (event) => event.preventDefault());

for (const area of document.querySelectorAll<HTMLElement>(".drop")) {
  const input = area.querySelector("input")!;
  area.addEventListener("dragover", (event) => {
    event.preventDefault();
    area.classList.add("over");
  });
  area.addEventListener("dragleave", () => area.classList.remove("over"));
  area.addEventListener("drop", (event) => {
    event.preventDefault();
    area.classList.remove("over");
    if (!event.dataTransfer?.files.length) return;
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change"));
  });
}

let stream: MediaStream | null = null;
element("camera").addEventListener("click", () => (stream ? stop() : start()));

async function start(): Promise<void> {
  const button = element<HTMLButtonElement>("camera");
  button.disabled = true;
  try {
    const { problem } = await engine.watch(Comlink.proxy((words: string) => say("camera-status", `${words} …`)));
    if (problem) return say("camera-status", problem, true);
    say("camera-status", "Asking for the camera …");
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: 1280 }, audio: false });
  } catch (error) {
    const why = error instanceof DOMException ? error.name : String(error);
    return say("camera-status", `No camera could be opened (${why}). Allow it for this page, or choose a picture above.`, true);
  } finally {
    button.disabled = false;
  }
  const video = element<HTMLVideoElement>("video");
  video.srcObject = stream;
  await video.play();
  element("stage").hidden = false;
  button.textContent = "Stop the camera";
  button.setAttribute("aria-pressed", "true");
  say("camera-status", "Hold the stamp so that all of it is seen.");
  watch(stream, video);
}

function stop(): void {
  stream?.getTracks().forEach((track) => track.stop());
  stream = null;
  const button = element("camera");
  button.textContent = "Start the camera";
  button.setAttribute("aria-pressed", "false");
  element("stage").hidden = true;
  say("camera-status", "");
}

async function watch(source: MediaStream, video: HTMLVideoElement): Promise<void> {
  const canvas = element<HTMLCanvasElement>("outline");
  const shown = new Set<string>();
  let [looked, frames, since] = [0, 0, performance.now()];
  element("camera-message").hidden = true;
  delete element("camera-message").dataset.after;
  while (stream === source) {
    const scale = Math.min(1, FRAME / Math.max(video.videoWidth, video.videoHeight));
    const [width, height] = [Math.round(video.videoWidth * scale), Math.round(video.videoHeight * scale)];
    const bitmap = await createImageBitmap(video, { resizeWidth: width, resizeHeight: height });
    const { result, problem } = await engine.see(Comlink.transfer(bitmap, [bitmap]));
    if (stream !== source) return;
    if (problem) return say("camera-status", problem, true);
    draw(canvas, width, height, result ?? []);
    canvas.dataset.looked = String(++looked); // Frames since the camera was started; the tests read it.
    for (const { message: text } of result ?? []) if (text !== null) shown.add(text);
    if (shown.size) {
      element("camera-message").textContent = [...shown].join(", ");
      element("camera-message").dataset.after ??= String(looked);
      element("camera-message").hidden = false;
    }
    frames++;
    const seconds = (performance.now() - since) / 1000;
    if (seconds > 2) {
      canvas.dataset.rate = (frames / seconds).toFixed(1);
      say("camera-status", `${shown.size ? "Read." : "Hold the stamp so that all of it is seen."} ${canvas.dataset.rate} frames a second.`);
      [frames, since] = [0, performance.now()];
    }
  }
}

function draw(canvas: HTMLCanvasElement, width: number, height: number, seen: Seen[]): void {
  [canvas.width, canvas.height] = [width, height];
  const context = canvas.getContext("2d")!;
  context.lineWidth = 4;
  for (const { quad, message: text } of seen) {
    context.strokeStyle = text === null ? "#ffb000" : "#2fbf71";
    context.beginPath();
    quad.forEach(([x, y]) => context.lineTo(x, y));
    context.closePath();
    context.stroke();
  }
}
