"""The same in Indonesian, in the words of the stepper: hulu, kemiringan lokal, gradien, daun."""

__all__ = ["LANGUAGE", "TEXTS"]

LANGUAGE = "id"

TEXTS = {
    "title": "Aturan rantai di atas kertas",
    "sheet": "lembar {code}",
    "name": "Nama",
    "date": "Tanggal",
    "key": "Kunci",
    "keyOf": "Kunci lembar {code}",
    "given": "Diketahui:",
    "graph": "graf dari L",
    "noPicture": "Di sini tidak ada gambar: gambarlah sendiri grafnya, satu panah untuk setiap masukan.",
    "line": "baris",
    "value": "nilai",
    "slopes": "kemiringan lokal",
    "gradient": "gradien",
    "told": "kata program",
    "mark": "benar?",
    "correct": "yang benar",
    "values.title": "Maju: nilai-nilai",
    "values.task": "Hitunglah setiap baris, dari atas ke bawah.",
    "slopes.title": "Kemiringan lokal",
    "slopes.task": "Seberapa cepat sebuah baris berubah terhadap tiap masukannya? Lihat baris itu saja, dan tulis "
    "sebuah bilangan.",
    "gradients.title": "Mundur: gradien",
    "gradients.task": "Seberapa cepat L berubah terhadap masing-masing? Berjalanlah dari L ke belakang: hulu × lokal;"
    " dan bila lebih dari satu panah keluar, jumlahkan.",
    "update.title": "Satu pembaruan",
    "update.task": "Satu langkah penurunan gradien dengan laju belajar η = {rate}: baru = lama − η · gradien. "
    "Bilangan mana yang dimiliki daun-daun sesudahnya?",
    "bug.title": "Temukan kutunya",
    "bug.task": "Sebuah program menghitung nilai dan gradien graf ini. Nilainya benar; sebagian gradiennya tidak.",
    "bug.which": "Gradien mana yang salah?",
    "bug.right": "Tandai tiap gradien benar atau salah, dan betulkan.",
    "bug.why": "Apa kesalahan program itu?",
    "right": "Benar.",
    "or": "Atau:",
    "isOther": "{value} adalah {other}; di sini {asked}.",
    "isInput": "Itu nilai {input}, bukan seberapa cepat {node} berubah terhadapnya.",
    "isOutput": "Itu nilai {node}, bukan seberapa cepat ia berubah terhadap {input}.",
    "isBug": "Program dengan kesalahan ini mendapat yang sama: {cause}",
    "isPath": "Anda lupa menjumlahkan: itu yang datang lewat {path} saja.",
    "isPlus": "Anda menambahkan langkahnya: itu mendaki. Penurunan gradien berjalan melawan gradien.",
    "isWhole": "Laju belajarnya terlupa.",
    "isStep": "Itu langkahnya saja: masih harus dikurangkan dari {name} = {old}.",
    "isBugged": "Anda mengikuti {gradient}, yang bukan gradiennya. {cause}",
    "falls": "Dengan itu L turun dari {before} ke {after}.",
    "minus": "Sebuah tanda terlupa: kemiringan selisih terhadap yang dikurangkan dianggapnya 1.",
    "otherBug": "Dengan kesalahan itu dL/d{name} akan {value}, padahal kata program {told}.",
    "noBug": "Pada graf ini kesalahan itu tidak merugikan: semua gradien akan benar.",
    "isWrong": "dL/d{name} bukan {told}, melainkan {right}.",
    "isRight": "dL/d{name} = {right} benar.",
    "notebook.start": "Setiap soal punya sel tempat Anda menulis sebuah bilangan untuk setiap `None`. Anda boleh "
    "menghitung di kertas atau dengan Python. Pecahan seperti `1/4` juga bilangan. Hapuslah baris "
    "dengan `raise`, bila ada.",
    "notebook.names": "`slope_p_a` berarti ∂p/∂a, kemiringan satu baris, `grad_a` berarti dL/da, gradiennya, dan "
    "`new_a` berarti a sesudah pembaruan.",
    "notebook.wrong": 'Tulis nama simpul-simpul yang gradiennya salah, seperti `{{"p", "a"}}`, dan huruf alasannya, '
    'seperti `"A"`.',
    "notebook.check": "Sel ini diperiksa saat pekerjaan Anda dinilai. {points} poin.",
    "notebook.none": "belum dijawab",
    "notebook.other": "{given} belum tepat",
    "moodle.multi": "Pilih semua yang salah.",
}
