
// A document to add: the file is looked at before it is sent. A large photograph is made smaller, a PNG becomes a JPEG; a
// page without script sends the file as it is, and the server answers.
{
  const form = document.querySelector("form[data-add]");
  if (form) {
    const max = Number(form.dataset.add);
    const main = form.querySelector("#fichier");
    const camera = form.querySelector("#photo");
    const picked = form.querySelector("[data-picked]");
    const preview = form.querySelector("[data-preview]");
    main.accept = "image/jpeg,image/png,application/pdf";

    const size = (bytes) => (bytes < 1e6 ? `${Math.ceil(bytes / 1000)} ko` : `${(bytes / 1e6).toFixed(1).replace(".", ",")} Mo`);
    const say = (text, bad) => {
      picked.textContent = text;
      picked.classList.toggle("bad", bad);
    };
    const read = (file) =>
      new Promise((resolve, reject) => {
        const reader = new FileReader();
        reader.onload = () => resolve(reader.result);
        reader.onerror = reject;
        reader.readAsDataURL(file);
      });

    // Drawn again at most 3 000 pixels wide or high: enough to read a page.
    const redrawn = async (file) => {
      const picture = await createImageBitmap(file);
      const scale = Math.min(1, 3000 / Math.max(picture.width, picture.height));
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [Math.round(picture.width * scale), Math.round(picture.height * scale)];
      const pen = canvas.getContext("2d");
      pen.fillStyle = "#fff";
      pen.fillRect(0, 0, canvas.width, canvas.height);
      pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
      const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.88));
      return new File([blob], "photo.jpg", { type: "image/jpeg" });
    };

    const look = async (input) => {
      let file = input.files[0];
      preview.hidden = true;
      say("", false);
      if (!file) return;
      (input === main ? camera : main).value = "";
      try {
        if (file.type === "image/png" || (file.type === "image/jpeg" && file.size > 3e6)) {
          file = await redrawn(file);
          const list = new DataTransfer();
          list.items.add(file);
          input.files = list.files;
        }
      } catch {
        // As it is: the server answers.
      }
      if (!["image/jpeg", "application/pdf"].includes(file.type)) {
        say("Ce fichier n'est ni une photo JPEG, ni un PDF.", true);
      } else if (file.size > max) {
        say(`Ce fichier fait ${size(file.size)} : il dépasse ${size(max)}.`, true);
      } else {
        say(`${file.type === "application/pdf" ? "PDF" : "Photo"}, ${size(file.size)}`, false);
        if (file.type === "image/jpeg") {
          preview.src = await read(file);
          preview.hidden = false;
        }
      }
    };
    for (const input of [main, camera]) input.addEventListener("change", () => look(input));
  }
}
