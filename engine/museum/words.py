"""The words of the museum that are not in its bugs: the causes to choose among, and all of it in Indonesian."""

__all__ = ["CAUSES", "INDONESIAN"]

CAUSES = {
    "en": {
        "replaced": "What arrives replaces what was there; it is not added.",
        "again": "A node passes on again what it has passed on already.",
        "early": "A node passes its gradient on before everything has arrived at it.",
        "left over": "It starts with what an earlier pass has left.",
        "no zero": "It takes “not computed yet” to be 0.",
        "slope": "The slope of an operation is written down wrongly.",
        "late": "A slope is taken at a number that was changed after the forward pass.",
    },
    "id": {
        "replaced": "Yang tiba menggantikan yang sudah ada; tidak ditambahkan.",
        "again": "Sebuah simpul meneruskan lagi apa yang sudah diteruskannya.",
        "early": "Sebuah simpul meneruskan gradiennya sebelum semuanya tiba padanya.",
        "left over": "Ia mulai dengan sisa dari langkah mundur sebelumnya.",
        "no zero": "“Belum dihitung” dianggapnya 0.",
        "slope": "Kemiringan sebuah operasi ditulis keliru.",
        "late": "Kemiringan diambil pada bilangan yang diubah sesudah langkah maju.",
    },
}
"""Why an engine is wrong, in one sentence, by language."""

INDONESIAN = {
    "overwrites": (
        "= bukannya +=",
        "Mesin ini berjalan dalam urutan yang benar dan mengalikan hulu dengan lokal, tetapi yang tiba di sebuah "
        "simpul menggantikan yang sudah ada. p masuk ke s dan ke L, a ke p dan ke s. Gradien mana yang didapat a?",
        "p mula-mula menerima 8 dari L, lalu 6 dari s. Jumlahnya mestinya 14, tetapi 6 menggantikan 8. Dari sana "
        "kesalahan menjalar ke daun: a dan b dihitung dari p yang salah, maka b pun salah walau hanya dipakai sekali. "
        "a juga kehilangan satu jalurnya sendiri. Bila tidak ada yang dipakai dua kali, kutu ini tidak merugikan, "
        "sehingga uji pertama tidak menemukannya.",
    ),
    "recursive": (
        "Rekursi bukannya urutan",
        "Mesin ini tidak punya daftar simpul. Sebuah simpul menambahkan pada masukannya apa yang menjadi haknya, lalu "
        "mengunjungi masing-masing, yang berbuat sama. c = b + b mengunjungi b dua kali. Gradien mana yang didapat a?",
        "b menerima 1 + 1 = 2 dan dikunjungi dua kali, sekali untuk tiap panah. Keduanya meneruskan 2 lewat dua panah, "
        "jadi 8: kunjungan kedua meneruskan lagi yang sudah diteruskan oleh yang pertama. Andai sebuah kunjungan hanya "
        "meneruskan yang baru, jumlahnya benar, tetapi setiap jalur dilalui, dan tiga puluh penggandaan punya semiliar "
        "jalur.",
    ),
    "depth_first": (
        "Setiap simpul sekali, tetapi terlalu dini",
        "Kini setiap simpul meneruskan gradiennya hanya sekali: saat ia pertama kali menerima sesuatu. c = b · b "
        "dengan b = a · a, jadi c adalah pangkat empat dari a. Gradien mana yang didapat a?",
        "c memberi 4 kepada b lewat panah pertamanya, dan seketika b meneruskan 4-nya: a menerima 4 · 2 dua kali, 16. "
        "Baru sesudah itu c memberi b 4 yang lain. Akhirnya b memegang gradien yang benar, 8, tetapi gilirannya sudah "
        "lewat, dan a hanya punya setengah dari haknya. Sebuah simpul boleh meneruskan gradiennya hanya bila sudah "
        "lengkap.",
    ),
    "breadth_first": (
        "Yang terdekat dahulu",
        "Mesin ini menyimpan antrean: mula-mula hasil, lalu masukannya, lalu masukan mereka. c = b · b dengan b = a · "
        "a dihitungnya benar. Di sini p masuk ke L secara langsung dan juga lewat s = p². Gradien mana yang didapat a?",
        "L menaruh p dan s di antrean, p dahulu. Saat giliran p, ia memegang 1, yang datang lewat jalan pendek, dan "
        "meneruskannya. Lalu s memberinya 12 lagi: p berakhir benar, 13, sedangkan a dan b menerima sepertiga belas "
        "dari haknya. Yang terdekat dahulu benar selama semua jalan ke sebuah simpul sama panjang. Jaringan residual "
        "dibuat dari jalan pintas seperti ini.",
    ),
    "not_zeroed": (
        "zero_grad() terlupa",
        "Bobot w belajar menjadi 3. Ruginya (w - 3)², dan langkah pertama membawa w dari 0 ke 1,5. Ini langkah kedua, "
        "dan -6 dari yang pertama masih ada di w.grad. Gradien mana yang dimiliki w sesudah langkah mundur?",
        "Daun menjumlahkan yang dibawa setiap langkah mundur: -6 dari langkah pertama, -3 dari yang ini. Setiap "
        "langkah mengulang semua yang sebelumnya, maka w melewati 3, berbalik, melewatinya lagi, dan tidak pernah "
        "diam. Di dalam graf tidak ada yang salah, sebab grafnya baru pada setiap langkah: hanya yang hidup lebih lama "
        "dari satu langkah, yaitu parameter, yang dapat mengingat.",
    ),
    "second_pass": (
        "Gradien lama di dalam graf",
        "backward() dipanggil dua kali pada satu graf, dan di antaranya gradien daun x dikosongkan, seperti yang "
        "dilakukan pengoptimal dengan parameternya. Pada mesin ini simpul di dalam menyimpan gradiennya. y = x · x · x "
        "di 3. Gradien mana yang dimiliki x?",
        "Langkah mundur pertama meninggalkan 3 di s = x · x. Yang kedua menambahkan 3-nya, dan s meneruskan 6: x "
        "menerima 9 secara langsung dan 6 · 3 + 6 · 3 = 36 lewat s. Jadinya 45, sedangkan yang benar 27. Gradien di "
        "dalam harus mulai dari nol pada setiap langkah mundur; di proyek ini hanya daun yang menjumlahkan.",
    ),
    "drawn_early": (
        "Digambar sebelum backward()",
        "y = a · b di a = 0, b = 3. Mesin ini memulai setiap gradien dengan 0, dan gambarnya dibuat sebelum backward() "
        "dipanggil. Gradien mana yang ditunjukkannya untuk a? Dan mana dari ketiga nolnya yang benar?",
        "Nol pada b benar: y tidak berubah terhadap b selama a = 0. Nol pada a dan y tidak: artinya 'belum dihitung', "
        "dan yang benar 3 dan 1. Gambar tidak dapat membedakan keduanya. Itulah sebabnya grad adalah None sebelum "
        "langkah mundur, dan gambar di sini menunjukkan –.",
    ),
    "plus_for_minus": (
        "Tanda pengurangan",
        "Penulis mesin ini menyalin penjumlahan dan melupakan sebuah tanda: kemiringan a - b dianggap 1 terhadap "
        "keduanya. L = (5 - p)², p = w · x, w = 1, x = 3. Gradien mana yang didapat w?",
        "e = 5 - p berkemiringan -1 terhadap p. Tanpa tanda itu semua yang membentuk e mendapat besar yang benar dan "
        "arah yang salah: penurunan gradien mendaki, menjauhi target. Tulislah rugi yang sama sebagai (p - 5)², dan "
        "tidak ada yang memperhatikan: lalu konstantanya yang berkemiringan salah, dan itu tidak ditanyakan siapa pun.",
    ),
    "late_slopes": (
        "Kemiringan dibaca terlambat",
        "Mesin ini menghitung kemiringan saat langkah mundur, dari data yang dipegang simpul saat itu. L = v · h, h = "
        "w · x dengan w = 2, x = 3, v = 5. Sesudah langkah maju seseorang mengubah v menjadi -1. Gradien mana yang "
        "didapat w?",
        "L dihitung dengan v = 5, maka kemiringannya terhadap h adalah 5. Mesin ini membaca v lagi dan menemukan -1, "
        "lalu h dan semua yang membentuk h mendapat tanda yang salah. Simpul yang diubah sendiri benar: kemiringannya "
        "h, dan h tidak disentuh. Kemiringan milik bilangan tempat ia diambil, maka simpul harus menyimpannya, atau "
        "bilangan itu, dari langkah maju. PyTorch menyimpan tensor, menghitung perubahannya, dan menimbulkan galat.",
    ),
}
"""Title, question and explanation of each bug."""
